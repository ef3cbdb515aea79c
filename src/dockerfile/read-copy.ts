import type { Copy, Source } from './dockerfile.ts'
import { heredocStart } from './heredocs.ts'
import { blankSeparated } from './words.ts'

/** COPY and ADD (`parseCopy`, `parseSourcesAndDest` in BuildKit's `instructions/parse.go`); null with less than two arguments. */
export function readCopy({ rest, json, flags, sourceOf }: CopyWords): Copy | null {
  const words = json ?? blankSeparated(rest)
  const destination = words.at(-1)
  if (words.length < 2 || destination === undefined) return null
  const last = (name: string) => flags.findLast((flag) => flag.name === name)?.value
  const text = (name: string) => textOf(last(name))
  const from = text('from')
  return {
    sources: words.slice(0, -1).filter((word) => json !== null || heredocStart(word) === null),
    destination,
    from: from === null ? null : sourceOf(from),
    link: isOn(last('link')),
    chmod: text('chmod'),
    chown: text('chown'),
    exclude: flags.filter(({ name }) => name === 'exclude').flatMap(({ value }) => textOf(value) ?? []),
    parents: isOn(last('parents')),
  }
}

type CopyWords = {
  rest: string
  json: string[] | null
  flags: { name: string; value: string | true }[]
  sourceOf: (from: string) => Source
}

function textOf(value: string | true | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function isOn(value: string | true | undefined): boolean {
  return value === true || value === 'true'
}
