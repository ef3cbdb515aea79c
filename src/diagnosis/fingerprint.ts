import { createHash } from 'node:crypto'
import type { Cause } from './explanation.ts'

/**
 * The name of a failure that holds across attempts, branches, runners and digests: its cause and the step it broke in,
 * without what varies. Causes that only say "it failed" add what was quoted, or all of them would be one.
 */
export function fingerprintOf(cause: Cause | null): string {
  if (cause === null) return 'no-log'
  const parts = [
    cause.id,
    normalise(cause.step?.name ?? ''),
    ...(vague.has(cause.id) ? [normalise(cause.evidence[0]?.text ?? '')] : []),
  ]
  return `${cause.id}:${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12)}`
}

const vague = new Set(['unknown-failure', 'not-docker', 'run-nonzero-exit', 'run-command-failed'])

/** Text without digests, numbers, times, paths of temporary files and the position of a step. */
export function normalise(text: string): string {
  return text
    .replace(/\[((?:[^\]]*?\s)?)\s*\d+\/\d+\]/g, '[$1]')
    .replace(/\b(?:sha256:)?[0-9a-f]{7,64}\b/gi, '#')
    .replace(/\/(?:tmp|home|var|root)\/\S+/g, '/…')
    .replace(/\d+/g, '0')
    .replace(/\s+/g, ' ')
    .trim()
}
