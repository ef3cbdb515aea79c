import { z } from 'zod'
import { missReasons } from '../cache/miss.ts'

/**
 * The public contract of `layerwise debug --json`, and the one shape of "what happened in this log" that the rest of
 * the code hands on. Documented in the README's reference section; a change here is a change of `version`.
 */

export const families = [
  'cache-backend',
  'registry',
  'local-cache',
  'cache-miss',
  'disk',
  'base-image',
  'dockerfile',
  'run',
  'builder',
  'push',
  'not-docker',
  'unknown',
] as const
export const severities = ['fatal', 'slow', 'silent', 'benign'] as const
export const transience = ['yes', 'maybe', 'no'] as const
export const remedyKinds = ['rerun', 'rebuild', 'prune'] as const
export const remedyVerdicts = ['helps', 'useless', 'harmful'] as const
export const cacheTypes = ['gha', 'registry', 'local', 'inline', 'other'] as const
export const stepStatuses = ['cached', 'executed', 'failed', 'canceled', 'unfinished'] as const

export const causeSchema = z.strictObject({
  id: z.string(),
  family: z.enum(families),
  title: z.string(),
  summary: z.string(),
  confidence: z.number().min(0).max(1),
  severity: z.enum(severities),
  transient: z.enum(transience),
  step: z
    .strictObject({
      vertex: z.string().nullable(),
      name: z.string(),
      stage: z.string().nullable(),
      dockerfileLine: z.int().positive().nullable(),
    })
    .nullable(),
  evidence: z.array(z.strictObject({ line: z.int().positive(), text: z.string() })).max(12),
  fix: z.array(z.string()),
  remedies: z.array(z.strictObject({ kind: z.enum(remedyKinds), verdict: z.enum(remedyVerdicts), why: z.string() })),
  runbook: z.strictObject({ file: z.string(), anchor: z.string() }).nullable(),
})

const cacheTransferSchema = z.strictObject({
  type: z.enum(cacheTypes),
  ref: z.string(),
  ok: z.boolean(),
  error: z.string().nullable(),
})

export const buildSummarySchema = z.strictObject({
  builder: z.enum(['buildkit', 'classic', 'kaniko', 'buildah']),
  /** a build record, where there is one, wins over the log */
  from: z.enum(['log', 'record']),
  target: z.string().nullable(),
  steps: z.array(
    z.strictObject({
      vertex: z.string().nullable(),
      name: z.string(),
      stage: z.string().nullable(),
      platform: z.string().nullable(),
      status: z.enum(stepStatuses),
      seconds: z.number().nullable(),
    }),
  ),
  cached: z.int().nonnegative(),
  executed: z.int().nonnegative(),
  hitRate: z.number().min(0).max(1).nullable(),
  imports: z.array(cacheTransferSchema),
  exports: z.array(cacheTransferSchema),
  firstMisses: z.array(
    z.strictObject({
      stage: z.string().nullable(),
      step: z.string(),
      reason: z.enum(missReasons),
      files: z.array(z.string()),
      detail: z.string(),
      expected: z.boolean().nullable(),
      secondsLost: z.number().nullable(),
      certainty: z.enum(['high', 'medium', 'low']),
    }),
  ),
  /** absent in what was stored before there were any */
  fixes: z
    .array(
      z.strictObject({
        rule: z.string(),
        file: z.string(),
        line: z.int().positive(),
        why: z.string(),
        diff: z.string(),
      }),
    )
    .default([]),
})

export const explanationSchema = z.strictObject({
  version: z.literal(1),
  source: z.strictObject({
    kind: z.enum(['file', 'stdin', 'github']),
    name: z.string(),
    bytes: z.int().nonnegative(),
    lines: z.int().nonnegative(),
    truncated: z.boolean(),
  }),
  outcome: z.enum(['failed', 'succeeded', 'unknown']),
  docker: z.boolean(),
  diagnosis: causeSchema.nullable(),
  others: z.array(causeSchema),
  builds: z.array(buildSummarySchema),
  missing: z.array(z.string()),
})

export type Cause = z.infer<typeof causeSchema>
export type BuildSummary = z.infer<typeof buildSummarySchema>
export type Explanation = z.infer<typeof explanationSchema>
export type Family = (typeof families)[number]
