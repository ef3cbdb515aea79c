import type { Run } from '../alert/from-run.ts'
import { redact } from '../build/redact.ts'
import { type BuildSeries, type KeptBuild, seriesOf } from '../cache/kept-build.ts'
import type { Pattern } from '../cache/patterns/pattern.ts'
import { patterns } from '../cache/patterns/patterns.ts'
import type { BuildSummary } from '../diagnosis/explanation.ts'
import type { Job } from '../github/runs.ts'
import type { Builds } from '../store/builds.ts'

/** A job whose builds were read. */
export type BuiltJob = {
  run: Run
  job: Pick<Job, 'id' | 'name' | 'conclusion' | 'completedAt'>
  builds: BuildSummary[]
}

/** Remembers the builds of a job, so that what repeats shows. Safe to repeat. */
export async function keepBuilds(store: Builds, { run, job, builds }: BuiltJob): Promise<KeptBuild[]> {
  const series = seriesOf(builds)
  const kept: KeptBuild[] = []
  for (const [index, build] of builds.entries())
    kept.push(await store.keep({ ...keptBuild(run, job, build), index, series: series[index] ?? '' }))
  return kept
}

function keptBuild(run: Run, job: BuiltJob['job'], build: BuildSummary): Omit<KeptBuild, 'index' | 'series'> {
  const seconds = build.steps.flatMap((step) => step.seconds ?? [])
  return {
    ...{ repository: run.repository, workflow: run.workflow, jobName: redact(job.name) },
    ...{ branch: run.branch, event: run.event, ref: refOf(run), sha: run.sha },
    ...{ runId: run.runId, attempt: run.attempt, jobId: job.id },
    at: new Date(job.completedAt ?? run.updatedAt),
    outcome: job.conclusion === 'success' ? 'succeeded' : job.conclusion === 'failure' ? 'failed' : 'unknown',
    hitRate: build.hitRate,
    seconds: seconds.length === 0 ? null : seconds.reduce((sum, value) => sum + value, 0),
    ...{ cached: build.cached, executed: build.executed },
    steps: build.steps.map(({ name, stage, platform, status, seconds }) => ({
      name,
      stage,
      platform,
      status,
      seconds,
    })),
    ...{ firstMisses: build.firstMisses, imports: build.imports, exports: build.exports },
  }
}

/** What GitHub scopes caches by. Of a pull request the run does not tell the number. */
function refOf({ event, branch }: Run): string | null {
  return event.startsWith('pull_request') || branch === null || branch.includes(':') ? null : `refs/heads/${branch}`
}

/** How far back a repetition is looked for, in builds of the series. */
const buildsLookedAt = 40
const rivalsLookedAt = 200

/** What the builds of these series show over time, the costliest first. */
export async function patternsOf(store: Builds, kept: KeptBuild[]): Promise<Pattern[]> {
  const found = await Promise.all(kept.map((build) => patternsOfSeries(store, build)))
  return found.flat().sort((a, b) => b.secondsLost - a.secondsLost)
}

async function patternsOfSeries(store: Builds, build: KeptBuild): Promise<Pattern[]> {
  const series: BuildSeries = build
  const before = new Date(build.at.getTime() + 1)
  const history = await store.last(series, { before, limit: buildsLookedAt })
  const [first] = history
  if (!first || history.length < 2) return []
  const others = await store.writersBeside(series, { since: first.at, before, limit: rivalsLookedAt })
  return patterns(history, others)
}
