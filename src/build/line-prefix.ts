import type { Marks } from './marks.ts'

/**
 * What some CI systems write before every line of a step's output. Programs write such things as well: a shape is taken
 * for the log's own when a builder's line stands behind it, and comes off every line from then on.
 */
export type LinePrefix = {
  /** the line without the log's prefix; as it is while none is known */
  strip(text: string): string
  known(): boolean
}

/** Behind a clock no line is passed over anyway. */
export const prefixMarks: Marks = { begins: ['Step #'], contains: ['] #', '] step ', '] info[', '] => ', '] [+] '] }

export function linePrefix(): LinePrefix {
  let shape: RegExp | null = null
  return {
    known: () => shape !== null,
    strip(text) {
      if (shape === null && mayBegin(text)) shape = shapes.find((each) => isBuilderBehind(text, each)) ?? null
      return shape === null ? text : text.replace(shape, '')
    },
  }
}

/** S, [, digits: nearly all lines end here. */
function mayBegin(text: string): boolean {
  const first = text.charCodeAt(0)
  return first === 91 || first === 83 || (first >= 48 && first <= 57)
}

function isBuilderBehind(text: string, shape: RegExp): boolean {
  const prefix = shape.exec(text)?.[0]
  return prefix !== undefined && builderLine.test(text.slice(prefix.length))
}

const time = String.raw`(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`

/** The first that fits is the log's. Blanks count: the builder's own lines may begin with one. */
const shapes = [
  /^Step #\d+(?: - "[^"]*")?:(?: |$)/, // Google Cloud Build
  /^\[[^\]\s:]{1,100}:L?\d+(?::\d+s)?\](?: |$)/, // `drone exec`, `woodpecker-cli exec`
  new RegExp(String.raw`^\[${time}\][WEFi ]?:?\t ?(?:\[[^\]\t]{1,100}\] )?`), // TeamCity
  new RegExp(String.raw`^\[${time}\](?: |$)`), // Jenkins: pipelines
  new RegExp(`^${time}(?:  |$)`), // Jenkins: Timestamper
  new RegExp(`^${time}(?: |$)`), // clocks of one's own
  /^\[(?!\d+\/\d+\])[\w .:/+-]{1,100}\](?: |$)/, // Jenkins: branches of `parallel`
]

const builderLine =
  /^(?:#\d+ (?:\[|DONE|CACHED|ERROR|building with |importing |exporting |resolve |\d+\.\d)|Step \d+\/\d+ : |(?:\[\d+\/\d+\] )?STEP \d+(?:\/\d+)?: |\[\+\] Building \d| ?=> |(?:INFO|WARN)\[\d{4}\]|\{"vertexes":)/
