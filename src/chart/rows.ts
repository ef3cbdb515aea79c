import { barTime } from './sentence.ts'
import type { Bar, Waterfall } from './waterfall.ts'

/** A line of the picture: a stage, with what it has from the cache, or a step. */
export type Row = { label: string; heading: boolean; bar: Bar | null }

export function rowsOf({ lanes }: Waterfall): Row[] {
  return lanes.flatMap(({ stage, bars }) => {
    const cached = bars.find(({ kind }) => kind === 'cached') ?? null
    const others = bars.filter((bar) => bar !== cached)
    return [
      { label: stage, heading: true, bar: cached },
      ...others.map((bar) => ({ label: bar.label, heading: false, bar })),
    ]
  })
}

/** What stands beside a bar. */
export function barText(bar: Bar): string {
  return bar.kind === 'cached' ? bar.label : barTime(bar)
}
