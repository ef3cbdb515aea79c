import type { Run } from '../../alert/from-run.ts'
import type { Build } from '../../build/build.ts'
import { mergeFinder } from '../../build/merge-finder.ts'
import { logReader } from '../../build/read-log.ts'
import type { Job } from '../../github/runs.ts'
import { FileBroken } from '../../github/stored-file.ts'
import type { Attempt } from './attempt.ts'
import type { EvidenceWorld } from './hands.ts'

/** The run to compare with; none is known when `run` is null. `builds` is null when its log cannot be read. */
export type Comparison = {
  run: Run | null
  job: Job | null
  builds: Build[] | null
  /** the base that a pull request was merged into for this run */
  mergedInto: string | null
  missing: string[]
}

/** What the same job built in the last run that can be compared: of the branch, else of the base or default branch. */
export async function previousBuilds(
  { runs, hands }: EvidenceWorld,
  attempt: Attempt,
  { run, job }: { run: Run; job: Job },
): Promise<Comparison> {
  const { repository } = run
  const found = await hands.comparable(repository, { ...run, baseBranch: null })
  if (!found) return { run: null, job: null, builds: [], mergedInto: null, missing: [] }
  const jobs = await attempt('the jobs of the run before', () =>
    runs.jobs(repository, found.run.runId, found.run.attempt),
  )
  const same = jobs?.find(({ name }) => name === job.name)
  const without = (...missing: string[]): Comparison => ({
    run: found.run,
    job: same ?? null,
    builds: null,
    mergedInto: null,
    missing,
  })
  if (!jobs) return without()
  if (!same) return without(`run ${found.run.runId}, the one before, has no job ${job.name}`)
  const log = await attempt('the log of the build before', () => runs.openLog(repository, same.id))
  if (!log) return without()
  if (log.kind === 'missing') return without(`job ${job.name} of the run before: ${log.because}`)
  const reader = logReader(() => {})
  const merge = mergeFinder()
  try {
    for await (const chunk of log.body) {
      reader.feed(chunk)
      merge.feed(chunk)
    }
  } catch (error) {
    if (!(error instanceof FileBroken)) throw error
    return without(`job ${job.name} of the run before: ${error.message}`)
  }
  return {
    run: found.run,
    job: same,
    builds: reader.end().builds,
    mergedInto: merge.end()?.base ?? null,
    missing: [],
  }
}
