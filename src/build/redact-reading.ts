import type { Build, Vertex } from './build.ts'
import type { JobStep } from './job-steps.ts'
import type { LogReading } from './read-log.ts'
import type { LogRedactor } from './redact-log.ts'

/**
 * Masks the secrets in all text that is kept of a log, in place, when the whole log has been read. Whatever is told,
 * compared or stored later is made of this, so that no later step can let a secret out.
 */
export function cleanReading(reading: LogReading, redactor: LogRedactor): void {
  for (const step of reading.jobSteps) teachStep(step, redactor)
  for (const build of reading.builds) for (const text of textsOf(build)) redactor.learn(text)
  for (const step of reading.jobSteps) cleanStep(step, redactor)
  for (const build of reading.builds) cleanBuild(build, redactor)
}

function teachStep({ name, header, errors }: JobStep, { learn }: LogRedactor): void {
  learn(name)
  for (const line of header) learn(line)
  for (const { text } of errors) learn(text)
}

function textsOf(build: Build): string[] {
  const vertices = [...build.vertices.values()]
  return [
    build.command ?? '',
    build.finalError?.text ?? '',
    ...vertices.map(({ text }) => text),
    ...vertices.map(({ error }) => error ?? ''),
    ...build.excerpts.flatMap(({ marked }) => marked.map(({ code }) => code)),
  ]
}

function cleanStep(step: JobStep, { clean, cleanLines }: LogRedactor): void {
  step.name = clean(step.name)
  step.header = cleanLines(step.header)
  const errors = cleanLines(step.errors.map(({ text }) => text))
  step.errors = step.errors.map((error, index) => ({ ...error, text: errors[index] ?? '' }))
}

function cleanBuild(build: Build, { clean, cleanLines }: LogRedactor): void {
  const cleanAll = (text: string) => cleanLines(text.split('\n')).join('\n')
  if (build.command !== null) build.command = clean(build.command)
  if (build.finalError) build.finalError = { ...build.finalError, text: cleanAll(build.finalError.text) }
  for (const excerpt of build.excerpts) {
    excerpt.file = clean(excerpt.file)
    for (const marked of excerpt.marked) marked.code = clean(marked.code)
  }
  for (const vertex of build.vertices.values()) {
    if (vertex.error !== null) vertex.error = cleanAll(vertex.error)
    cleanName(vertex, clean)
  }
}

/** The name keeps its kind, whatever its words say now. */
function cleanName(vertex: Vertex, clean: (text: string) => string): void {
  const text = clean(vertex.text)
  if (text === vertex.text) return
  const { name } = vertex
  vertex.text = text
  vertex.name = { ...name, instruction: clean(name.instruction), tokens: name.tokens.map(clean) }
}
