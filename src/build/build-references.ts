/**
 * The names that BuildKit gave to the builds of a job, as `docker/build-push-action` and `docker/bake-action` print them
 * at the end of each build: a group `Reference` or `Build references` with lines `BUILDER/NODE/REFERENCE`. A build record
 * bears the same name. Fed beside the log reader in the same slices; looks at bytes, and decodes only these groups.
 */
export type ReferenceFinder = {
  feed(chunk: Uint8Array): void
  /** in the order of the log */
  end(): string[]
}

const openings = ['##[group]Reference', '##[group]Build references'].map((text) => Buffer.from(text))
const closing = Buffer.from('##[endgroup]')
/** More than a group of a hundred references takes. */
const window = 16_384
const referencesKept = 200

export function referenceFinder(): ReferenceFinder {
  const found = new Set<string>()
  let rest: Buffer = Buffer.alloc(0)

  /** Reads the groups that begin before `until`; a group that may go on beyond the bytes at hand waits for more. */
  function search(bytes: Buffer, until: number): void {
    for (const opening of openings)
      for (let at = bytes.indexOf(opening); at >= 0 && at < until; at = bytes.indexOf(opening, at + 1)) {
        const end = bytes.indexOf(closing, at)
        const group = bytes.toString('latin1', at, Math.min(end < 0 ? bytes.length : end, at + window))
        for (const [, reference = ''] of group.matchAll(line)) if (found.size < referencesKept) found.add(reference)
      }
  }

  return {
    feed(chunk) {
      const bytes = Buffer.concat([rest, chunk])
      const until = Math.max(0, bytes.length - window)
      search(bytes, until)
      rest = bytes.subarray(until)
    },
    end() {
      search(rest, rest.length)
      rest = Buffer.alloc(0)
      return [...found]
    },
  }
}

/** After the runner's timestamp, which raw logs have and pasted ones have not. */
const line = /^(?:\S+Z )?[^\s/]+\/[^\s/]+\/([0-9a-z]{25})\r?$/gm
