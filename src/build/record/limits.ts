/**
 * Every figure of a build record has a limit, because anybody who may open a pull request can make such a file. Real
 * records are 3 to 100 kB; BuildKit keeps at most 2 MiB of output for each step.
 */
export const limits = {
  /** the file as it comes, in bytes */
  file: 32 << 20,
  /** what all of it unpacks to, and what of that is looked at, counted as often as it is */
  unpacked: 96 << 20,
  /** files in a zip or tar */
  entries: 2_000,
  /** one JSON file in it, in bytes: such text grows most when it is parsed */
  json: 8 << 20,
  /** protobuf fields in it; a message counts as much as six */
  fields: 1_000_000,
  /** builds told of in one file: a bake has one for each target */
  builds: 100,
} as const

/** What one file may still cost, over all that is in it: bytes unpacked and read, protobuf fields. */
export type Budget = { unpacked: number; read: number; fields: number }

export function wholeBudget(): Budget {
  return { unpacked: limits.unpacked, read: limits.unpacked, fields: limits.fields }
}

/** A build record cannot be read. The message is a clause for a person: `it is damaged or cut off (…)`. */
export class RecordBroken extends Error {
  override readonly name = 'RecordBroken'
  readonly code: 'no-record' | 'corrupt' | 'too-big'

  constructor(code: RecordBroken['code'], message: string) {
    super(message)
    this.code = code
  }
}

export function tooLong(): RecordBroken {
  return new RecordBroken('too-big', `it is larger than ${limits.file >> 20} MB, which no build record is`)
}

export function tooLarge(): RecordBroken {
  return new RecordBroken('too-big', `it unpacks to more than ${limits.unpacked >> 20} MB`)
}

/** Whatever a library threw over the bytes, in words. */
export function broken(error: unknown): RecordBroken {
  if (error instanceof RecordBroken) return error
  const words = error instanceof Error ? error.message : String(error)
  const reason = words.slice(0, 1).toLowerCase() + words.slice(1, 200)
  return new RecordBroken('corrupt', `it is damaged or cut off (${reason})`)
}
