import type { Offered } from '../../remedy/press.ts'
import type { Mrkdwn } from '../../thread/escape.ts'
import { sayNoPlan } from '../../thread/remedy-wording.ts'
import type { Story } from '../../thread/story.ts'
import type { RemedyWorld } from './world.ts'

/**
 * Why nothing can be done where the run is of a fork; null where it is of the repository itself. A job's webhook names the
 * branch and not the fork, so a remedy that aims at a branch asks the run: `main` of a fork is not our `main`.
 */
export async function ofFork(
  { runs }: Pick<RemedyWorld, 'runs'>,
  { operation }: Offered,
  { repository, runId }: Pick<Story, 'repository' | 'runId'>,
): Promise<Mrkdwn | null> {
  if (operation !== 'rebuild' && operation !== 'prune-caches') return null
  const { branch } = await runs.run(repository, runId)
  if (branch === null || !branch.includes(':')) return null
  const because = `Run ${runId} is of a fork (${branch}), whose branches and caches are not those of ${repository}. Nothing was done.`
  return sayNoPlan({ because, diff: null })
}
