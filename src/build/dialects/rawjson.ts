import { z } from 'zod'
import type { Marks } from '../marks.ts'
import { buildOf, type DialectReader, type Scene } from '../scene.ts'
import { type SolveStatus, statusTeller } from '../solve-status.ts'

/**
 * `--progress=rawjson`: one `SolveStatus` after the other as JSON, each on a line of its own; before BuildKit v0.14
 * indented over several. Unlike the plain display it tells the truth about cached steps, and the graph.
 */
export function rawReader(scene: Scene): DialectReader & { idle(): boolean } {
  const teller = statusTeller(scene)
  const indented = indentedReader()

  function tell(text: string, number: number): boolean {
    const status = parseStatus(text)
    if (!status) return false
    const build = buildOf(scene, 'buildkit', number)
    build.lastLine = number
    teller.tell(build, status, () => number)
    return true
  }

  const read: DialectReader = (text, number) => {
    const whole = indented.read(text)
    if (whole === 'more') return true
    if (whole !== 'none') return tell(whole, number)
    return looksRaw(text) && tell(text, number)
  }
  return Object.assign(read, { idle: indented.idle })
}

export const rawMarks: Marks = { begins: ['{', '"vertexes"', '"statuses"', '"logs"', '"warnings"'], contains: [] }

function looksRaw(text: string): boolean {
  return (
    text.startsWith('{"vertexes"') ||
    text.startsWith('{"statuses"') ||
    text.startsWith('{"logs"') ||
    text.startsWith('{"warnings"')
  )
}

/**
 * Puts an indented status together: `{` and `}` stand alone at the margin, and what lies between is indented. Gives the
 * whole at its last line, `more` before, `none` for what is no part of one.
 */
function indentedReader(): { read(text: string): string | 'more' | 'none'; idle(): boolean } {
  let opened = false
  let lines: string[] = []
  let size = 0

  function read(text: string): string | 'more' | 'none' {
    if (lines.length === 0) {
      const begins = opened && /^ +"(?:vertexes|statuses|logs|warnings)": \[/.test(text)
      opened = text === '{'
      if (!begins) return 'none'
      lines = ['{', text]
      size = text.length
      return 'more'
    }
    if (text === '}') {
      const whole = [...lines, text].join('\n')
      lines = []
      return whole
    }
    size += text.length
    if (!text.startsWith(' ') || size > longestStatus) {
      lines = []
      return 'none'
    }
    lines.push(text)
    return 'more'
  }
  return { read, idle: () => !opened && lines.length === 0 }
}

const longestStatus = 4_000_000

const time = z
  .string()
  .transform((text) => Date.parse(text))
  .transform((at) => (Number.isFinite(at) ? at : null))
  .nullish()
  .transform((at) => at ?? null)
const bytes = z
  .string()
  .nullish()
  .transform((text) => Buffer.from(text ?? '', 'base64'))

/** Go writes `null` for a list without members. */
function list<T extends z.ZodType>(of: T) {
  return z
    .array(of)
    .nullish()
    .transform((members) => members ?? [])
}

const statusSchema = z.object({
  vertexes: list(
    z.object({
      digest: z.string(),
      inputs: list(z.string()),
      name: z.string().default(''),
      started: time,
      completed: time,
      cached: z.boolean().default(false),
      error: z.string().default(''),
    }),
  ),
  statuses: list(z.object({ id: z.string(), vertex: z.string() })),
  logs: list(z.object({ vertex: z.string(), data: bytes })),
  warnings: list(
    z
      .object({
        vertex: z.string(),
        short: bytes,
        range: list(z.object({ start: z.object({ line: z.int().optional() }).optional() })),
      })
      .transform(({ vertex, short, range }) => ({
        vertex,
        text: short.toString('utf8'),
        line: range[0]?.start?.line ?? null,
      })),
  ),
})

function parseStatus(text: string): SolveStatus | null {
  try {
    return statusSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
