import type { Cause, Explanation } from '../diagnosis/explanation.ts'
import { clean } from './escape.ts'
import { cacheVerdict } from './miss-wording.ts'
import { buildLines } from './terminal-build.ts'

/** An explanation as a person at a terminal reads it: the cause first, then how we know, then what to do. */
export function printExplanation(explanation: Explanation): string {
  const { source, diagnosis } = explanation
  const lines = [
    `${source.name}: ${headline(explanation)}`,
    ...(diagnosis ? ['', ...causeLines(diagnosis)] : []),
    ...otherLines(explanation.others),
    ...explanation.builds.flatMap(buildLines),
    ...hintLines(explanation),
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
  const green = outcome === 'succeeded' && docker && !diagnosis
  return `${what} ${ended}${green ? `, ${cacheVerdict(builds)}` : ''}${cut}`
}

/** What would tell more, where it is for the person at the terminal to give. */
function hintLines({ source, builds }: Explanation): string[] {
  const isOpen = builds.some(({ firstMisses }) => firstMisses.some(({ reason }) => reason === 'unknown'))
  if (!isOpen || source.kind === 'github') return []
  return ['', '  These options tell why: --previous, --dockerfile, --previous-dockerfile, --changed-files, --context']
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
