import type { Build, Vertex } from '../build/build.ts'
import { redact } from '../build/redact.ts'
import type { Candidate } from './candidates.ts'
import type { Cause } from './explanation.ts'
import { dockerfileLine, type Failure, markedInstruction } from './failure.ts'
import { fillCaptures } from './runbook-sign.ts'
import { bakeTargets, stageOf } from './summarise.ts'
import type { TailLine } from './tails.ts'

/** A candidate put into words: captures filled in, evidence cut and redacted. `telling`: lines of what failed. */
export function causeOf(candidate: Candidate, confidence: number, failure: Failure | null, telling: TailLine[]): Cause {
  const { row, hits } = candidate
  const captures = capturesOf(candidate)
  const fill = (text: string) => fillCaptures(text, captures)
  return {
    id: row.id,
    family: row.family,
    title: fill(row.title),
    summary: fill(row.summary),
    confidence,
    severity: severityOf(candidate),
    transient: row.transient,
    step: candidate.fatal ? stepOf(failure) : stepOfHit(candidate),
    evidence: evidence([
      ...hits,
      ...(candidate.fatal ? [...lastWords(candidate, failure, telling), ...errorLines(failure)] : []),
    ]),
    fix: row.fix.map(fill),
    remedies: row.remedies,
    runbook: row.runbook,
  }
}

/** What would end a job may also only slow it down, or do so without a word. */
function severityOf({ row, fatal, hits }: Candidate): Cause['severity'] {
  if (row.severity !== 'fatal' || fatal) return row.severity
  return hits.every((hit) => hit.place === 'observed') ? 'silent' : 'slow'
}

/** What the signs captured: of each name the first value, redacted. */
export function capturesOf({ hits }: Candidate): Record<string, string> {
  const captures: Record<string, string> = {}
  for (const hit of hits) for (const [name, value] of Object.entries(hit.captures)) captures[name] ??= redact(value)
  return captures
}

/** It failed and no sign says why: said plainly, with the lines that look most like an error. */
export function unknownFailure(failure: Failure, telling: TailLine[]): Cause {
  return {
    ...plainCause,
    id: 'unknown-failure',
    family: 'unknown',
    title: 'No rule matched this failure',
    summary:
      'The build failed, and no runbook rule recognises why. The lines that look most like the cause are quoted.',
    confidence: 0,
    transient: 'maybe',
    step: stepOf(failure),
    evidence: evidence([...telling, ...errorLines(failure)]),
    fix: [
      'Read the quoted lines first, then the step above them in the full log.',
      'When you know the cause, add a row to a runbook: the next one is then named.',
    ],
  }
}

/** The job failed outside any image build. */
export function notDocker(failure: Failure, telling: TailLine[]): Cause {
  const name = failure.jobStep?.name
  return {
    ...plainCause,
    id: 'not-docker',
    family: 'not-docker',
    title: 'Not a Docker build failure',
    summary: redact(`The job failed${name ? ` in its step "${name}"` : ''}, outside any image build.`),
    confidence: name ? 0.8 : 0.6,
    transient: 'maybe',
    step: stepOf(failure),
    evidence: evidence([...telling, ...errorLines(failure)]),
    fix: ['Look at the failing step: rebuilding the image or clearing a cache cannot help here.'],
    remedies: [
      { kind: 'rebuild', verdict: 'useless', why: 'no image build failed' },
      { kind: 'prune', verdict: 'useless', why: 'no image build failed' },
    ],
  }
}

const plainCause = { severity: 'fatal', remedies: [], runbook: null } satisfies Partial<Cause>

const evidenceLines = 12
const evidenceWidth = 400

function evidence(lines: TailLine[]): Cause['evidence'] {
  const byLine = new Map<number, string>()
  for (const { line, text } of lines) if (line > 0 && text.trim() !== '') byLine.set(line, text)
  return [...byLine]
    .sort(([a], [b]) => a - b)
    .slice(0, evidenceLines)
    .map(([line, text]) => ({ line, text: shorten(redact(text.trimEnd())) }))
}

function shorten(text: string): string {
  return text.length <= evidenceWidth ? text : `${text.slice(0, 300)} … ${text.slice(-90)}`
}

/** An exit code alone shows little: what the step wrote stands beside it. */
function lastWords({ hits }: Candidate, failure: Failure | null, telling: TailLine[]): TailLine[] {
  const onlyTheEnd = hits.every((hit) => hit.place === 'error' || hit.line === failure?.vertex?.errorLine)
  return onlyTheEnd ? telling : []
}

function errorLines(failure: Failure | null): TailLine[] {
  if (!failure) return []
  const lines: TailLine[] = []
  const { vertex, build, jobStep } = failure
  if (vertex?.errorLine && vertex.error)
    lines.push({ line: vertex.errorLine, text: `ERROR: ${vertex.error.split('\n')[0]}` })
  else if (build?.finalError)
    lines.push({ line: build.finalError.line, text: build.finalError.text.split('\n')[0] ?? '' })
  else if (jobStep?.errors[0]) lines.push(jobStep.errors[0])
  return lines
}

function stepOf(failure: Failure | null): Cause['step'] {
  const build = failure?.build ?? null
  const line = dockerfileLine(build)
  if (failure?.vertex && failure.vertex.text !== '') return vertexStep(failure.vertex, build, line)
  const marked = markedInstruction(build)
  if (marked !== '') return { vertex: null, name: redact(marked), stage: null, dockerfileLine: line }
  if (failure?.vertex)
    return {
      ...vertexStep(failure.vertex, build, null),
      name: `step ${failure.vertex.key} (its name is not in this log)`,
    }
  if (!failure?.jobStep) return null
  return { vertex: null, name: redact(failure.jobStep.name), stage: null, dockerfileLine: null }
}

function stepOfHit(candidate: Candidate): Cause['step'] {
  const hit = candidate.hits.find((hit) => hit.vertex !== null)
  return hit?.vertex ? vertexStep(hit.vertex, hit.build, null) : null
}

function vertexStep(vertex: Vertex, build: Build | null, line: number | null): NonNullable<Cause['step']> {
  const key = /^#\d+$|^sha256:/.test(vertex.key) ? vertex.key : null
  const targets = build ? bakeTargets(build) : new Set<string>()
  return { vertex: key, name: redact(vertex.text), stage: stageOf(vertex, targets), dockerfileLine: line }
}
