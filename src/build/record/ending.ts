import { z } from 'zod'
import type { Excerpt } from '../build.ts'
import { readJson } from './layout.ts'
import type { RecordedError } from './messages.ts'

/** How a build failed, out of its error and the details that BuildKit packs into it (`solver/errdefs`). */
export type Ending = {
  /** as the client would print it after `failed to solve: ` */
  text: string
  /** digest of the vertex that failed, when one did */
  vertex: string | null
  /** the pieces of Dockerfile that it is about, with the text of the whole */
  sources: { excerpt: Excerpt; text: string }[]
}

export function endingOf(error: RecordedError): Ending {
  return {
    text: closingWords(error),
    vertex: detailsOf(error, 'errdefs.Vertex+json', vertexSchema)[0]?.digest ?? null,
    sources: detailsOf(error, 'errdefs.Source+json', sourceSchema)
      .slice(0, sourcesRead)
      .map(({ info, ranges }) => {
        const text = Buffer.from(info.data, 'base64').toString('utf8')
        return { text, excerpt: { file: info.filename, marked: markedLines(text, ranges) } }
      }),
  }
}

/** As gRPC's client words it: of a canceled build with its code in front. */
function closingWords({ code, message }: RecordedError): string {
  return code === canceled && !message.startsWith('Canceled: ') ? `Canceled: ${message}` : message
}

const canceled = 1
const sourcesRead = 8
const linesMarked = 40

const vertexSchema = z.object({ digest: z.string() })
const positionSchema = z.object({ line: z.int().default(0) })
const rangeSchema = z.object({ start: positionSchema.optional(), end: positionSchema.optional() })
const sourceSchema = z.object({
  info: z.object({ filename: z.string().default(''), data: z.string().default('') }),
  ranges: z
    .array(rangeSchema)
    .nullish()
    .transform((ranges) => ranges ?? []),
})

function detailsOf<T>({ details }: RecordedError, type: string, schema: z.ZodType<T>): T[] {
  return details
    .filter(({ typeUrl }) => typeUrl.endsWith(type))
    .map(({ value }) => readJson(value, schema, 'a detail of its error'))
}

function markedLines(text: string, ranges: z.infer<typeof rangeSchema>[]): Excerpt['marked'] {
  const code = text.split('\n')
  const marked: Excerpt['marked'] = []
  for (const { start, end } of ranges) {
    const first = Math.max(1, start?.line ?? 0)
    const last = Math.min(Math.max(end?.line ?? 0, first), code.length)
    for (let line = first; line <= last && marked.length < linesMarked; line++)
      marked.push({ line, code: (code[line - 1] ?? '').trimEnd() })
  }
  return marked
}
