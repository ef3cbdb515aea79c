import { z } from 'zod'
import { addVertex, type Build, failVertex, finishVertex, type Vertex } from './build.ts'
import { placeOf } from './place.ts'
import { buildOf, type DialectReader, type Scene } from './scene.ts'

/**
 * `--progress=rawjson`: one `SolveStatus` (BuildKit `client/graph.go`) a line. Unlike the plain display it tells the
 * truth about cached steps, and carries output in base64.
 */
type RawOutput = { vertex: Vertex; text: string }

function looksRaw(text: string): boolean {
  return (
    text.startsWith('{"vertexes"') ||
    text.startsWith('{"statuses"') ||
    text.startsWith('{"logs"') ||
    text.startsWith('{"warnings"')
  )
}

/** Raw progress, told into the scene. */
export function rawReader(scene: Scene): DialectReader {
  return (text, number) => {
    if (!looksRaw(text)) return false
    const build = buildOf(scene, 'buildkit', number)
    const output = readRawLine(build, text, number)
    if (!output) return false
    build.lastLine = number
    for (const { vertex, text } of output) scene.emit(text, number, placeOf(vertex), vertex)
    return true
  }
}

/** Folds one status into the build; returns the output it carried. Anything but a status gives null. */
function readRawLine(build: Build, text: string, line: number): RawOutput[] | null {
  const status = parseStatus(text)
  if (!status) return null
  for (const told of status.vertexes ?? []) foldVertex(build, told, line)
  for (const told of status.statuses ?? []) {
    const vertex = build.vertices.get(told.vertex)
    if (vertex && /^(?:sha256:|extracting sha256:)/.test(told.id)) vertex.pulled = true
  }
  const output: RawOutput[] = []
  for (const told of status.logs ?? []) {
    const vertex = build.vertices.get(told.vertex)
    if (!vertex) continue
    vertex.spoke = true
    for (const text of decode(told.data)) output.push({ vertex, text })
  }
  return output
}

const statusSchema = z.object({
  vertexes: z
    .array(
      z.object({
        digest: z.string(),
        name: z.string().default(''),
        started: z.string().optional(),
        completed: z.string().optional(),
        cached: z.boolean().default(false),
        error: z.string().default(''),
      }),
    )
    .optional(),
  statuses: z.array(z.object({ id: z.string(), vertex: z.string() })).optional(),
  logs: z.array(z.object({ vertex: z.string(), data: z.string().default('') })).optional(),
})

type ToldVertex = NonNullable<z.infer<typeof statusSchema>['vertexes']>[number]

function parseStatus(text: string): z.infer<typeof statusSchema> | null {
  try {
    return statusSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

function foldVertex(build: Build, told: ToldVertex, line: number): void {
  // the graph is announced whole; a vertex exists for us once it starts, as in the plain display
  if (told.started === undefined && !told.cached && told.error === '') return
  const vertex = build.vertices.get(told.digest) ?? addVertex(build, told.digest, told.name, line)
  if (told.error !== '') failVertex(vertex, told.error, line)
  else if (told.cached) finishVertex(vertex, 'cached')
  else if (told.completed !== undefined && vertex.status !== 'cached') {
    finishVertex(vertex, 'done', secondsBetween(told.started, told.completed))
  }
}

function secondsBetween(started: string | undefined, completed: string): number | null {
  if (started === undefined) return null
  const milliseconds = Date.parse(completed) - Date.parse(started)
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) / 1000 : null
}

function decode(data: string): string[] {
  return Buffer.from(data, 'base64')
    .toString('utf8')
    .split(/\r\n|\n|\r/)
    .filter((text) => text !== '')
}
