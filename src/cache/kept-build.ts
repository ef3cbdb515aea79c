import type { Miss } from './miss.ts'

/** An image build of a job's attempt as it is remembered: enough to compare builds over time, and all of it redacted. */
export type KeptBuild = BuildSeries & {
  branch: string | null
  /** `push`, `pull_request`…; null when it is not known */
  event: string | null
  /** what GitHub scopes caches by: `refs/heads/main`, `refs/pull/12/merge`; null when it is not known */
  ref: string | null
  sha: string
  runId: number
  attempt: number
  jobId: number
  /** which of the job's builds, from 0 */
  index: number
  /** when the job ended */
  at: Date
  outcome: 'failed' | 'succeeded' | 'unknown'
  /** as in the contract: over RUN, COPY and ADD; null when there is none */
  hitRate: number | null
  /** of all executed steps together, whether they ran side by side or not; null when none says */
  seconds: number | null
  cached: number
  executed: number
  steps: KeptStep[]
  firstMisses: Miss[]
  imports: KeptTransfer[]
  exports: KeptTransfer[]
}

/** Whose builds are compared: the same image of the same job. `series` is made by `seriesOf`. */
export type BuildSeries = { repository: string; workflow: string; jobName: string; series: string }

export type KeptStep = {
  /** as the builder names it, cut at a length */
  name: string
  stage: string | null
  platform: string | null
  status: 'cached' | 'executed' | 'failed' | 'canceled' | 'unfinished'
  seconds: number | null
}

export type KeptTransfer = {
  type: 'gha' | 'registry' | 'local' | 'inline' | 'other'
  /** often empty for an export: logs do not name it. For `gha` a number that is drawn anew in each build */
  ref: string
  ok: boolean
  error: string | null
}

/**
 * The series of each build of a job: its bake target or stage target and its platforms. Where a job makes several that
 * look alike, they are told apart by their order.
 */
export function seriesOf(builds: { target: string | null; steps: { platform: string | null }[] }[]): string[] {
  const seen = new Map<string, number>()
  return builds.map(({ target, steps }) => {
    const platforms = [...new Set(steps.map(({ platform }) => platform).filter((platform) => platform !== null))]
    const name = [target ?? '', platforms.sort().join(',')].filter((part) => part !== '').join(' ')
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name} #${times}`.trim()
  })
}
