import type { BuildSummary, Cause, Explanation } from '../diagnosis/explanation.ts'
import { clean } from './escape.ts'

/** An explanation as a person at a terminal reads it: the cause first, then how we know, then what to do. */
export function printExplanation(explanation: Explanation): string {
  const { source, diagnosis } = explanation
  const lines = [
    `${source.name}: ${headline(explanation)}`,
    ...(diagnosis ? ['', ...causeLines(diagnosis)] : []),
    ...otherLines(explanation.others),
    ...explanation.builds.flatMap(buildLines),
    ...explanation.missing.map((missing) => `Could not read: ${missing}`),
    '',
  ]
  // a terminal obeys what a log may hold
  return clean(lines.join('\n'))
}

function headline({ outcome, docker, diagnosis, builds, source }: Explanation): string {
  const ended = { failed: 'failed', succeeded: 'succeeded', unknown: 'ended without a result in this log' }[outcome]
  const what = docker ? 'the image build' : 'the job'
  const cut = source.truncated ? ' (not all of it could be read)' : ''
  const cacheLost = builds.some((build) => [...build.imports, ...build.exports].some(({ ok }) => !ok))
  const well = outcome === 'succeeded' && docker && !diagnosis && !cacheLost
  return `${what} ${ended}${well ? ', nothing is wrong with its cache' : ''}${cut}`
}

function causeLines(cause: Cause): string[] {
  return [
    `  ${cause.title}  [${cause.id}, ${sure(cause)}]`,
    `  ${cause.summary}`,
    ...(cause.step ? [`  Step: ${place(cause.step)}`] : []),
    ...(cause.evidence.length > 0 ? ['', '  Evidence'] : []),
    ...cause.evidence.map(({ line, text }) => `  ${String(line).padStart(7)} | ${text}`),
    ...(cause.fix.length > 0 ? ['', '  What to do'] : []),
    ...cause.fix.map((fix, index) => `  ${index + 1}. ${fix}`),
    ...cause.remedies.map(({ kind, verdict, why }) => `  ${remedyNames[kind]} ${verdictWords[verdict]}: ${why}`),
    ...(cause.runbook ? [`  Runbook: ${cause.runbook.file}#${cause.runbook.anchor}`] : []),
  ]
}

const remedyNames = { rerun: 'A re-run', rebuild: 'A rebuild without cache', prune: 'Pruning' } as const
const verdictWords = { helps: 'helps', useless: 'does not help', harmful: 'makes it worse' } as const

function sure(cause: Cause): string {
  if (cause.confidence === 0) return 'no rule matched'
  return `${Math.round(cause.confidence * 100)} % sure`
}

function place(step: NonNullable<Cause['step']>): string {
  const line = step.dockerfileLine === null ? '' : ` (Dockerfile line ${step.dockerfileLine})`
  // a number of the log helps to find it there, the digest that a record tells does not
  return `${step.vertex?.startsWith('#') ? `${step.vertex} ` : ''}${step.name}${line}`
}

function otherLines(others: Cause[]): string[] {
  if (others.length === 0) return []
  return [
    '',
    '  Also',
    ...others.map((cause) => `  - ${cause.title}: ${cause.summary}  [${cause.id}, ${cause.severity}]`),
  ]
}

const statusWords = {
  cached: 'cached',
  executed: 'ran',
  failed: 'FAILED',
  canceled: 'canceled',
  unfinished: 'unfinished',
} as const

function buildLines(build: BuildSummary): string[] {
  if (build.steps.length === 0 && build.imports.length === 0) return []
  const name = build.target ? `Build of ${build.target}` : 'Build'
  const told = build.from === 'record' ? ', from its build record' : ''
  const rate = build.hitRate === null ? '' : `, hit rate ${Math.round(build.hitRate * 100)} %`
  return [
    '',
    `  ${name} (${build.builder}${told}): ${build.cached} cached, ${build.executed} ran${rate}`,
    ...build.steps.map((step) => {
      const seconds = step.seconds === null ? '' : `${step.seconds.toFixed(1)} s`
      return `  ${statusWords[step.status].padEnd(10)} ${seconds.padStart(8)}  ${shorten(step.name)}`
    }),
    ...build.imports.map((transfer) => transferLine('Cache import', transfer)),
    ...build.exports.map((transfer) => transferLine('Cache export', transfer)),
    ...build.firstMisses.map(
      (miss) =>
        `  First miss${miss.stage ? ` in ${miss.stage}` : ''}: ${shorten(miss.step)} (${miss.reason === 'unknown' ? 'reason not known yet' : miss.reason})`,
    ),
  ]
}

function transferLine(what: string, { type, ref, ok, error }: BuildSummary['imports'][number]): string {
  return `  ${what} ${type}${ref ? ` ${ref}` : ''}: ${ok ? 'ok' : `failed: ${shorten(error ?? '')}`}`
}

function shorten(text: string): string {
  const line = text.split('\n')[0] ?? ''
  return line.length <= 120 ? line : `${line.slice(0, 117)}...`
}
