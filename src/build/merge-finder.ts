/**
 * What a run of a pull request builds is no commit of its branch but its merge into the base as it was then. The log says
 * which, where `actions/checkout` ends: `HEAD is now at 1a2b3c4 Merge <head> into <base>`. Fed beside the log reader.
 */
export type MergeFinder = {
  feed(chunk: Uint8Array): void
  /** full names of the commits; null when no merge was checked out */
  end(): { head: string; base: string } | null
}

/** A job checks its sources out at its start. */
const bytesSearched = 4 << 20
const longest = 200

export function mergeFinder(): MergeFinder {
  let found: { head: string; base: string } | null = null
  let rest = ''
  let read = 0
  return {
    feed(chunk) {
      if (found || read > bytesSearched) return
      read += chunk.length
      const text = rest + Buffer.from(chunk).toString('latin1')
      const merge = line.exec(text)
      if (merge?.[1] && merge[2]) found = { head: merge[1], base: merge[2] }
      rest = text.slice(-longest)
    },
    end: () => found,
  }
}

const line = /HEAD is now at [0-9a-f]{7,64} Merge ([0-9a-f]{40,64}) into ([0-9a-f]{40,64})/
