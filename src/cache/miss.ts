/** Why a step was not cached; part of the public contract. The order is the design's, most tangible first. */
export const missReasons = [
  'file-changed',
  'file-metadata-changed',
  'remote-file-changed',
  'instruction-changed',
  'build-arg-changed',
  'env-changed',
  'base-image-moved',
  'upstream-stage-changed',
  'parent-step-changed',
  'first-build',
  'no-cache-requested',
  'pruned',
  'cache-not-configured',
  'cache-import-not-found',
  'cache-import-failed',
  'not-exported',
  'evicted',
  'scope-overwritten',
  'scope-unreachable',
  'unknown',
] as const
export type MissReason = (typeof missReasons)[number]

/** The first step of a stage that was not taken from the cache. */
export type Miss = {
  stage: string | null
  /** the step as the builder names it */
  step: string
  reason: MissReason
  files: string[]
  detail: string
  /** by the runbook's trigger table; null when nothing decides it */
  expected: boolean | null
  secondsLost: number | null
  certainty: 'high' | 'medium' | 'low'
}
