import type { Build, Vertex } from '../build/build.ts'
import type { JobStep } from '../build/job-steps.ts'
import type { PlacedLine } from '../build/place.ts'
import type { LogReading } from '../build/read-log.ts'
import { redact } from '../build/redact.ts'

/**
 * A failed log in short: what its jobs and builds did, and the few lines that matter, told again in the builder's own
 * grammar. It can be explained like the log that it stands for, so a changed rule can be held against it long after the
 * log has gone; a person can read it, and a runbook can quote it.
 */
export function excerptOf(reading: LogReading, lines: KeptLine[]): string {
  const told: Told[] = [...reading.jobSteps.flatMap(tellJobStep)]
  const known: Known = { numbers: new Map(), lastLines: lastLinesOf(lines) }
  for (const build of reading.builds.slice(-buildsTold)) {
    number(build, known.numbers)
    told.push(...tellBuild(build, known))
  }
  const annotated = new Set(reading.jobSteps.flatMap(({ errors }) => errors.map(({ line }) => line)))
  for (const line of lines) if (!annotated.has(line.number)) told.push(...tellLine(line, known.numbers))
  const text = told
    .sort((a, b) => a.line - b.line || a.order - b.order)
    .map(({ text }) => text)
    .filter((line, index, all) => line !== '' || all[index - 1] !== '')
  return redact(`${[...text, ...(reading.jobEnded ? ['Cleaning up orphan processes'] : [])].join('\n')}\n`)
}

/** A line worth keeping, with its place. */
export type KeptLine = Pick<PlacedLine, 'number' | 'text' | 'place' | 'build' | 'vertex'>

/** `order` settles what comes first of one line's tellings. */
type Told = { line: number; order: number; text: string }

/** What BuildKit's vertices are called here, and where the last kept line of each stands. */
type Known = { numbers: Map<Vertex, number>; lastLines: Map<Vertex, number> }

function lastLinesOf(lines: KeptLine[]): Map<Vertex, number> {
  const last = new Map<Vertex, number>()
  for (const { vertex, number } of lines) if (vertex) last.set(vertex, Math.max(number, last.get(vertex) ?? 0))
  return last
}

const buildsTold = 6
const width = 600

function tellJobStep(step: JobStep): Told[] {
  const errors = step.errors.map(({ line, text }) => ({ line, order: 9, text: `##[error]${text}` }))
  if (step.name === '') return errors
  if (step.post) return [{ line: step.line, order: 0, text: 'Post job cleanup.' }, ...errors]
  const header = [`##[group]Run ${step.name}`, ...step.header.slice(0, 60).map(shorten), '##[endgroup]']
  return [...header.map((text, order) => ({ line: step.line, order: order - 100, text })), ...errors]
}

/** As the log numbers them; a build told by digests (rawjson, a build record) is given numbers. */
function number(build: Build, numbers: Map<Vertex, number>): void {
  if (build.builder !== 'buildkit') return
  let next = 1
  for (const vertex of build.vertices.values()) {
    if (isQuoted(vertex)) continue
    numbers.set(vertex, Number(/^#(\d+)$/.exec(vertex.key)?.[1] ?? next))
    next++
  }
}

/** Known only from the block that repeats its output: the log begins after its header. */
function isQuoted(vertex: Vertex): boolean {
  return vertex.key.startsWith('> ')
}

function tellBuild(build: Build, known: Known): Told[] {
  const { firstLine, lastLine, finalError } = build
  const told: Told[] = []
  if (build.command) told.push({ line: firstLine, order: -20, text: `[command]${build.command}` })
  const opening = openingOf(build)
  if (opening) told.push({ line: firstLine, order: -10, text: `${opening}\n` })
  for (const vertex of build.vertices.values()) told.push(...tellVertex(build, vertex, known))
  if (build.succeeded) told.push({ line: lastLine, order: 8, text: closingOf(build) })
  if (!finalError) return told
  const quoted = build.excerpts.map(({ file, marked }) => {
    const rule = '-'.repeat(20)
    const code = marked.map(({ line, code }) => `${String(line).padStart(4)} | >>> ${code}`)
    return [`${file}:${marked[0]?.line ?? 1}`, rule, ...code, rule].join('\n')
  })
  told.push({ line: finalError.line, order: 5, text: [...quoted, shorten(finalError.text)].join('\n') })
  return told
}

function openingOf({ builder, driver }: Build): string | null {
  if (builder === 'kaniko') return "INFO[0000] Building stage 'base' [idx: '0', base-idx: '-1']"
  return builder === 'buildkit' && driver ? `#0 building with "builder" instance using ${driver} driver` : null
}

function closingOf({ builder }: Build): string {
  return {
    buildkit: '',
    classic: 'Successfully built 000000000000',
    buildah: 'Successfully tagged image',
    kaniko: 'INFO[0000] Pushed image',
  }[builder]
}

function tellVertex(build: Build, vertex: Vertex, known: Known): Told[] {
  const { line, status } = vertex
  switch (build.builder) {
    case 'buildkit':
      return tellBuildkitVertex(vertex, known)
    case 'classic':
    case 'buildah': {
      const [stage, position] = vertex.key.includes('.') ? vertex.key.split('.') : ['', vertex.key]
      const title = stage ? `[${stage}/9] STEP ${position}: ${vertex.text}` : `Step ${position} : ${vertex.text}`
      const cached = status === 'cached' ? `\n${stage ? '-->' : ' --->'} Using cache 000000000000` : ''
      return [{ line, order: 0, text: title + cached }]
    }
    case 'kaniko':
      return [
        {
          line,
          order: 0,
          text: `INFO[0000] ${status === 'cached' ? 'Using caching version of cmd: ' : ''}${vertex.text}`,
        },
      ]
    default:
      return build.builder satisfies never
  }
}

function tellBuildkitVertex(vertex: Vertex, { numbers, lastLines }: Known): Told[] {
  const number = numbers.get(vertex)
  if (number === undefined) return []
  const told: Told[] = []
  if (vertex.text !== '') told.push({ line: vertex.line, order: 0, text: `\n#${number} ${vertex.text}` })
  if (vertex.pulled)
    told.push({ line: vertex.line, order: 0, text: `#${number} extracting sha256:${'0'.repeat(64)} 0.1s done` })
  const end = endOf(vertex, number)
  const line = vertex.errorLine ?? lastLines.get(vertex) ?? vertex.line
  if (end) told.push({ line: Math.max(line, vertex.line), order: 2, text: end })
  return told
}

function endOf({ status, seconds, error }: Vertex, number: number): string | null {
  switch (status) {
    case 'failed':
      return `#${number} ERROR: ${shorten(error ?? '')}`
    case 'canceled':
      return `#${number} CANCELED`
    case 'cached':
      return `#${number} CACHED`
    case 'done':
      return `#${number} DONE${seconds === null ? '' : ` ${seconds.toFixed(1)}s`}`
    case 'unfinished':
      return null
    default:
      return status satisfies never
  }
}

function tellLine({ number: line, text, place, build, vertex }: KeptLine, numbers: Map<Vertex, number>): Told[] {
  const short = shorten(text)
  if (build?.finalError && line >= build.finalError.line && build.finalError.text.includes(text)) return []
  if (vertex && isQuoted(vertex)) return [{ line, order: 1, text: `------\n > ${vertex.text}:\n${short}\n------` }]
  const number = vertex ? numbers.get(vertex) : undefined
  if (number !== undefined) {
    if (line === vertex?.errorLine || vertex?.error?.includes(text)) return []
    return [{ line, order: 1, text: place === 'step' ? `#${number} 0.1 ${short}` : `#${number} ${short}` }]
  }
  if (place === 'runner') return [{ line, order: 9, text: `##[warning]${short}` }]
  return [{ line, order: 1, text: short }]
}

function shorten(text: string): string {
  return text.length <= width ? text : `${text.slice(0, width - 150)} … ${text.slice(-140)}`
}
