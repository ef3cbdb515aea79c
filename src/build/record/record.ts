import type { RecordFacts } from '../build.ts'
import type { SolveStatus } from '../solve-status.ts'
import { chronicle } from './chronicle.ts'
import { type Ending, endingOf } from './ending.ts'
import { factsOf, historySchema } from './facts.ts'
import { type Layout, layoutsOf, readJson } from './layout.ts'
import { type Budget, broken, limits, tooLong, wholeBudget } from './limits.ts'
import { readError, readStatus } from './messages.ts'
import { readProvenance } from './provenance.ts'

/** One build as BuildKit's own record tells it. */
export type BuildRecord = {
  facts: RecordFacts
  ended: 'succeeded' | 'failed' | 'running'
  /** what happened, in the order of time */
  statuses: SolveStatus[]
  /** vertex digest → line of its instruction in the Dockerfile, from 1 */
  lines: Map<string, number>
  ending: Ending | null
}

/**
 * Reads a `.dockerbuild` file, or a zip of such: a record for each build told of in it. Throws `RecordBroken` and nothing
 * else, whatever the bytes are. Files that are kept side by side share a `budget`.
 */
export async function readRecords(bytes: Uint8Array, budget = wholeBudget()): Promise<BuildRecord[]> {
  try {
    return (await layoutsOf(bytes, budget)).map((layout) => recordOf(layout, budget))
  } catch (error) {
    throw broken(error)
  }
}

/** Takes a record as it comes in; one that grows too long is refused at once. */
export type RecordGatherer = {
  feed(chunk: Uint8Array): void
  end(): Promise<{ records: BuildRecord[]; bytes: number }>
}

export function gatherRecord(budget = wholeBudget()): RecordGatherer {
  const chunks: Uint8Array[] = []
  let bytes = 0
  return {
    feed(chunk) {
      bytes += chunk.length
      if (bytes > limits.file) throw tooLong()
      chunks.push(chunk)
    },
    async end() {
      return { records: await readRecords(Buffer.concat(chunks), budget), bytes }
    },
  }
}

function recordOf(layout: Layout, budget: Budget): BuildRecord {
  const history = readJson(layout.record, historySchema, 'its history record')
  const provenances = layout.provenance.map(readProvenance)
  const error = layout.error ? readError(layout.error, budget) : history.error
  const ending = error && endingOf(error)
  return {
    facts: factsOf(history, provenances, ending),
    ended: ending ? 'failed' : history.CompletedAt ? 'succeeded' : 'running',
    statuses: layout.status ? chronicle(readStatus(layout.status, budget)) : [],
    lines: new Map(provenances.flatMap(({ lines }) => [...lines])),
    ending,
  }
}
