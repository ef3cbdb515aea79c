import { createHash } from 'node:crypto'
import type { Cause } from './explanation.ts'
import { normalise } from './normalise.ts'
import { weightOf } from './novelty.ts'

/**
 * The name of a failure that holds across attempts, branches, runners and digests: its cause, the step it broke in and
 * what its signs captured (which package, file, host, test), without what varies. Causes that only say "it failed", or
 * that nothing else tells apart, add the line that says most, or all of them would be one.
 */
export function fingerprintOf(cause: Cause | null, captures: Record<string, string> = {}): string {
  if (cause === null) return noLog
  const named = subjects(cause, captures)
  const parts = [
    cause.id,
    withoutPlatform(cause.step?.name ?? ''),
    ...named,
    ...(isVague(cause, named) ? [tellingLine(cause)] : []),
  ]
  return `${cause.id}:${createHash('sha256').update(parts.map(normalise).join('\n')).digest('hex').slice(0, 12)}`
}

/** The name of a failure that nothing is known of. */
export const noLog = 'no-log'

/** `[linux/arm64 builder 2/5] RUN make`: legs of a matrix that fail alike have one name. */
function withoutPlatform(step: string): string {
  return step.replace(/^(\[[^\]]{0,200}?)(?:linux|windows)\/[\w/]{1,40}(?:->[\w/]{1,40})? /, '$1')
}

/** Causes that hold for many a problem of the same step. */
const vague = new Set([
  'unknown-failure',
  'not-docker',
  'run-nonzero-exit',
  'run-command-failed',
  'run-app-compile-error',
  'run-tests-failed',
])

/** Two failures of this cause may have nothing in common. */
export function holdsForMany(causeId: string): boolean {
  return vague.has(causeId)
}

function isVague({ id, step }: Cause, named: string[]): boolean {
  return holdsForMany(id) || (named.length === 0 && step === null)
}

function tellingLine({ evidence }: Cause): string {
  const heaviest = Math.max(...evidence.map(({ text }) => weightOf(text)))
  return evidence.find(({ text }) => weightOf(text) === heaviest)?.text ?? ''
}

/**
 * What tells two failures of one cause apart. Reasons, codes, durations and blobs do not: they differ between tries, and
 * so does the file at which a disk happened to be full.
 */
function subjects({ family }: Cause, captures: Record<string, string>): string[] {
  if (family === 'disk') return []
  const names = Object.keys(captures).filter((name) => !passing.has(name))
  return names.sort().map((name) => `${name}=${captures[name]}`)
}

const passing = new Set(['why', 'code', 'status', 'minutes', 'blob'])
