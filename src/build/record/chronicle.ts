import type { SolveStatus, ToldVertex } from '../solve-status.ts'

/** A status as a record keeps it: progress and output with the time at which they came, in milliseconds. */
export type RecordedStatus = {
  vertexes: ToldVertex[]
  statuses: { id: string; vertex: string; at: number | null }[]
  logs: { vertex: string; data: Uint8Array; at: number | null }[]
  warnings: SolveStatus['warnings']
}

/**
 * A record gathers what it was told by kind; here it is put back into the order of time, each piece a status of its
 * own. A vertex starts before it speaks and speaks before it ends, whatever the clocks said.
 */
export function chronicle(recorded: RecordedStatus[]): SolveStatus[] {
  const events: { at: number; status: SolveStatus }[] = []
  const starts = new Map<string, number>()
  const latest = new Map<string, number>()
  const add = (at: number, part: Partial<SolveStatus>) => events.push({ at, status: { ...nothing, ...part } })

  for (const told of recorded.flatMap(({ vertexes }) => vertexes)) {
    const start = told.started ?? told.completed
    if (start === null) continue
    const begins = Math.max(start, latest.get(told.digest) ?? start)
    const ends = Math.max(told.completed ?? begins, begins)
    if (!starts.has(told.digest)) starts.set(told.digest, begins)
    latest.set(told.digest, ends)
    add(begins, { vertexes: [{ ...told, completed: null, cached: false, error: '' }] })
    add(ends, { vertexes: [told] })
  }
  const after = (digest: string, at: number | null) => {
    const start = starts.get(digest)
    return start === undefined ? null : Math.max(at ?? start, start)
  }
  for (const one of recorded.flatMap(({ statuses }) => statuses)) {
    const at = after(one.vertex, one.at)
    if (at !== null) add(at, { statuses: [one] })
  }
  for (const one of recorded.flatMap(({ logs }) => logs)) {
    const at = after(one.vertex, one.at)
    if (at !== null) add(at, { logs: [one] })
  }
  for (const one of recorded.flatMap(({ warnings }) => warnings)) {
    const at = starts.get(one.vertex)
    if (at !== undefined) add(at, { warnings: [one] })
  }
  // a stable sort: at one time vertices come before progress, progress before output
  return events.sort((a, b) => a.at - b.at).map(({ status }) => status)
}

const nothing: SolveStatus = { vertexes: [], statuses: [], logs: [], warnings: [] }
