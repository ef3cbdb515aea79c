import type { Runs } from '../../github/runs.ts'

/**
 * How long an attempt took, from its first job's start to its last job's end; null when that cannot be told. (The run's
 * own time of change moves long after its end.)
 */
export async function secondsOf(
  runs: Pick<Runs, 'jobs'>,
  { repository, runId, attempt }: { repository: string; runId: number; attempt: number },
): Promise<number | null> {
  const jobs = await runs.jobs(repository, runId, attempt)
  const starts = jobs.flatMap(({ startedAt }) => (startedAt === null ? [] : Date.parse(startedAt)))
  const ends = jobs.flatMap(({ completedAt }) => (completedAt === null ? [] : Date.parse(completedAt)))
  if (starts.length === 0 || ends.length < jobs.length) return null
  const seconds = (Math.max(...ends) - Math.min(...starts)) / 1_000
  return seconds >= 0 ? seconds : null
}
