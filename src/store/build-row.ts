import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { KeptBuild } from '../cache/kept-build.ts'
import { missReasons } from '../cache/miss.ts'
import { readJson } from './json-column.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['builds']>

/** More than a build that people wait for has; a step's name is its instruction, and a heredoc may be long. */
const limits = { steps: 200, transfers: 20, misses: 50, files: 20, text: 400 } as const

/** The row of a build. Nulls are left out of its JSON: most steps have several, and rows are many. */
export function rowOf(build: KeptBuild): Row {
  const { runId, attempt, jobId, index, at, outcome, hitRate, seconds, cached, executed } = build
  return {
    repository: text(build.repository).toLowerCase(),
    workflow: text(build.workflow),
    job_name: text(build.jobName),
    series: text(build.series),
    branch: orNull(build.branch),
    event: orNull(build.event),
    ref: orNull(build.ref),
    sha: text(build.sha),
    run_id: runId,
    attempt,
    job_id: jobId,
    build_index: index,
    at: at.toISOString(),
    outcome,
    hit_rate: hitRate,
    seconds,
    cached,
    executed,
    steps: json(build.steps.slice(0, limits.steps)),
    first_misses: json(build.firstMisses.slice(0, limits.misses).map(shortened)),
    imports: json(build.imports.slice(0, limits.transfers)),
    exports: json(build.exports.slice(0, limits.transfers)),
  }
}

export function buildOf(row: Row): KeptBuild {
  const of = `of build ${row.build_index} in attempt ${row.attempt} of job ${row.job_id}`
  return {
    repository: row.repository,
    workflow: row.workflow,
    jobName: row.job_name,
    series: row.series,
    branch: row.branch,
    event: row.event,
    ref: row.ref,
    sha: row.sha,
    runId: row.run_id,
    attempt: row.attempt,
    jobId: row.job_id,
    index: row.build_index,
    at: new Date(row.at),
    outcome: outcomeSchema.parse(row.outcome),
    hitRate: row.hit_rate,
    seconds: row.seconds,
    cached: row.cached,
    executed: row.executed,
    steps: readJson(stepsSchema, row.steps, `builds.steps ${of}`),
    firstMisses: readJson(missesSchema, row.first_misses, `builds.first_misses ${of}`),
    imports: readJson(transfersSchema, row.imports, `builds.imports ${of}`),
    exports: readJson(transfersSchema, row.exports, `builds.exports ${of}`),
  }
}

/** Text as both engines keep it (PostgreSQL refuses a NUL, both half a pair), of a bounded length. */
export function text(value: string): string {
  return value.replaceAll('\0', '').toWellFormed().slice(0, limits.text).toWellFormed()
}

function orNull(value: string | null): string | null {
  return value === null ? null : text(value)
}

function shortened(miss: KeptBuild['firstMisses'][number]) {
  return { ...miss, files: miss.files.slice(0, limits.files) }
}

function json(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === null) return undefined
    return typeof part === 'string' ? text(part) : part
  })
}

/*
 * Not the schemas of the contract, which grow with it: these read every row that was ever written, and a new field needs
 * a default here.
 */
const outcomeSchema = z.enum(['failed', 'succeeded', 'unknown'])
const words = z.string().nullable().default(null)
const stepsSchema = z.array(
  z.object({
    name: z.string(),
    stage: words,
    platform: words,
    status: z.enum(['cached', 'executed', 'failed', 'canceled', 'unfinished']),
    seconds: z.number().nullable().default(null),
  }),
)
const missesSchema = z.array(
  z.object({
    stage: words,
    step: z.string(),
    reason: z.enum(missReasons),
    files: z.array(z.string()),
    detail: z.string(),
    expected: z.boolean().nullable().default(null),
    secondsLost: z.number().nullable().default(null),
    certainty: z.enum(['high', 'medium', 'low']),
  }),
)
const transfersSchema = z.array(
  z.object({
    type: z.enum(['gha', 'registry', 'local', 'inline', 'other']),
    ref: z.string(),
    ok: z.boolean(),
    error: words,
  }),
)
