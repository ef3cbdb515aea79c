import type { Bar } from './waterfall.ts'

/** How a waterfall looks. It brings its own paper and edge, so that it is the same in a dark Slack and in a light one. */
export const font = 'Inter'

export const size = {
  width: 800,
  /** left of the bars: names of stages and steps */
  labels: 320,
  edge: 20,
  row: 24,
  line: 18,
  /** title */
  head: 52,
  axis: 40,
  legend: 38,
} as const

export const inks = {
  paper: '#ffffff',
  edge: '#b8c0cc',
  text: '#1b2430',
  quiet: '#566273',
  grid: '#e6e9ee',
} as const

type Look = { fill: string; stroke?: string; lineWidth?: number }

/** From the palette of Okabe and Ito, which colour-blind people can tell apart. */
export const colours: Record<Bar['kind'], Look> = {
  cached: { fill: '#009e73' },
  ran: { fill: '#0072b2' },
  'first-miss': { fill: '#e69f00' },
  failed: { fill: '#c03a00' },
  canceled: { fill: inks.paper, stroke: inks.quiet, lineWidth: 1.5 },
  unfinished: { fill: inks.paper, stroke: inks.quiet, lineWidth: 1.5 },
  rest: { fill: '#8a94a3' },
}

/** What tells the kinds apart where colours do not. */
export const patterns: Partial<Record<Bar['kind'], { form: 'hatch' | 'dots'; ink: string }>> = {
  'first-miss': { form: 'dots', ink: inks.text },
  failed: { form: 'hatch', ink: inks.paper },
  unfinished: { form: 'hatch', ink: inks.quiet },
}

/**
 * A text that did not come from us, for zrender: it keeps the widths of texts in an object under the text itself, so one
 * that says `__proto__` would write into the prototype of every object there is (zrender 6.1 `core/LRU.ts`). Behind a
 * blank without width no text is the name of a property, nor is any piece of its beginning.
 */
export function inert(text: string): string {
  return `\u200b${text}`
}

/** zrender takes our typeface to be as narrow as its own. */
export function measured(width: number): number {
  return width * 0.91
}

/** Lines of at most so many characters, broken at blanks; what does not fit on four is cut. */
export function wrap(text: string, most: number): string[] {
  const lines = ['']
  // a number stays with its unit
  for (const word of text.split(/ (?!(?:s|min|h)\b)/)) {
    const last = lines.at(-1) ?? ''
    const longer = last === '' ? word : `${last} ${word}`
    if (longer.length <= most) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
    .filter((line) => line !== '')
    .slice(0, 4)
    .map((line) => (line.length > most ? `${line.slice(0, most - 1)}…` : line))
}
