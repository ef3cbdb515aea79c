import type { Run } from '../../alert/from-run.ts'
import type { Build } from '../../build/build.ts'
import type { ChangedFiles } from '../../cache/changed-files.ts'
import type { Evidence } from '../../cache/evidence.ts'
import type { Job } from '../../github/runs.ts'
import { attempting } from './attempt.ts'
import type { EvidenceWorld } from './hands.ts'
import { type Comparison, previousBuilds } from './previous-builds.ts'
import { readSources } from './read-sources.ts'

/** Evidence that GitHub gave, and in words what it did not. */
export type FoundEvidence = {
  evidence: Evidence
  run: Run
  /** the builds that were compared with, when there are any */
  before: { run: Run; job: Job; builds: Build[] } | null
  missing: string[]
}

/** What is to be explained: the builds of a job, and the base that a pull request was merged into for it. */
export type Built = { run: Run; job: Job; builds: Build[]; mergedInto: string | null }

/**
 * Asks GitHub for what may tell why steps of a job missed their cache: the run before, the files that changed since, the
 * Dockerfiles, ignore and workflow files of both commits, and what its cache holds. Some fifteen calls. What cannot be had
 * makes the answer less sure and is named; it never stands in the way of the diagnosis.
 */
export async function missEvidence(world: EvidenceWorld, built: Built): Promise<FoundEvidence> {
  const { run, job, builds } = built
  const missing: string[] = []
  const attempt = attempting(missing)
  const before: Comparison | null = await attempt('the build before', () => previousBuilds(world, attempt, built))
  const changed = await attempt('the changed files', () => filesBetween(world, built, before))
  if (changed?.because) missing.push(changed.because)
  const wanted = { run, job, builds, previousSha: before?.run?.sha ?? null, changed }
  const read = await readSources(world.hands, attempt, wanted)
  missing.push(...(before?.missing ?? []), ...read.missing)
  return {
    evidence: { previous: before?.builds ?? null, changed, sourcesOf: read.sourcesOf },
    run,
    before:
      before?.run && before.job && before.builds ? { run: before.run, job: before.job, builds: before.builds } : null,
    missing,
  }
}

async function filesBetween(
  { hands }: EvidenceWorld,
  { run, mergedInto }: Built,
  before: Comparison | null,
): Promise<ChangedFiles | null> {
  if (!before?.run) return null
  const own = await hands.changedFiles(run.repository, before.run.sha, run.sha)
  // a pull request is built as merged into its base, which may have moved on between the two runs
  const [from, to] = [before.mergedInto, mergedInto]
  if (from === null || to === null || from === to) return own
  return together(own, await hands.changedFiles(run.repository, from, to))
}

function together(one: ChangedFiles, other: ChangedFiles): ChangedFiles {
  const files = new Map([...other.files, ...one.files].map((file) => [file.path, file]))
  return {
    files: [...files.values()],
    complete: one.complete && other.complete,
    because: one.because ?? other.because,
    between: one.between,
  }
}
