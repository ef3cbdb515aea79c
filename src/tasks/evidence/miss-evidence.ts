import type { Run } from '../../alert/from-run.ts'
import type { Build } from '../../build/build.ts'
import type { ChangedFiles } from '../../cache/changed-files.ts'
import type { Evidence } from '../../cache/evidence.ts'
import { GithubFault } from '../../github/fault.ts'
import type { Job } from '../../github/runs.ts'
import type { EvidenceWorld } from './hands.ts'
import { type Comparison, previousBuilds } from './previous-builds.ts'
import { readSources, type SourcesRead } from './read-sources.ts'

/** Evidence that GitHub gave, and in words what it did not. */
export type FoundEvidence = {
  evidence: Evidence
  run: Run
  /** the builds that were compared with, when there are any */
  before: { run: Run; job: Job; builds: Build[] } | null
  read: SourcesRead | null
  missing: string[]
}

/**
 * Asks GitHub for what may tell why steps of a job missed their cache: the run before, the files that changed since, the
 * Dockerfiles, ignore and workflow files of both commits, and what its cache holds. Some fifteen calls. What cannot be had
 * makes the answer less sure and is named; it never stands in the way of the diagnosis.
 */
export async function missEvidence(world: EvidenceWorld, run: Run, job: Job, builds: Build[]): Promise<FoundEvidence> {
  const missing: string[] = []
  const attempt = attempting(missing)
  const before: Comparison | null = await attempt('the build before', () => previousBuilds(world, run, job))
  const changed = await attempt('the changed files', () => filesBetween(world, run, before))
  if (changed?.because) missing.push(changed.because)
  const wanted = { run, job, builds, previousSha: before?.run?.sha ?? null, changed }
  const read = await attempt('the sources of the build', () => readSources(world.hands, wanted))
  missing.push(...(before?.missing ?? []), ...(read?.missing ?? []))
  return {
    evidence: { previous: before?.builds ?? null, changed, sourcesOf: read?.sourcesOf ?? (() => null) },
    run,
    before:
      before?.run && before.job && before.builds ? { run: before.run, job: before.job, builds: before.builds } : null,
    read,
    missing,
  }
}

/** A fault of GitHub is a gap to be named; any other is ours. */
function attempting(missing: string[]) {
  return async <T>(what: string, ask: () => Promise<T>): Promise<T | null> => {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof GithubFault)) throw error
      missing.push(`why steps missed their cache is less sure without ${what}: ${error.message}`)
      return null
    }
  }
}

async function filesBetween(
  { hands }: EvidenceWorld,
  run: Run,
  before: Comparison | null,
): Promise<ChangedFiles | null> {
  return before?.run ? hands.changedFiles(run.repository, before.run.sha, run.sha) : null
}
