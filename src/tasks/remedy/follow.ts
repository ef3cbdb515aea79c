import { GithubFault } from '../../github/fault.ts'
import type { Task } from '../turn.ts'
import { type AddVerify, type Attempt, attemptSchema, verifyKey } from './orders.ts'
import type { RemedyWorld } from './world.ts'

/**
 * Looks now and then whether a run that we started has ended. A webhook may tell sooner; but there may be none, it may be
 * of a branch that nobody watches, and of a cancelled run no door tells.
 */
export function followTask(world: RemedyWorld & { verify: AddVerify }): Task<Attempt> {
  return {
    name: 'follow',
    schema: attemptSchema,
    async perform(run, step, sleep) {
      const began = await step('begin', async () => world.now().getTime())
      for (let look = 1; world.now().getTime() - began < longestRunMs; look++) {
        const ended = await step(`look ${look}`, () => endOf(world, run))
        if (ended !== null) {
          const verify = { repository: run.repository, runId: run.runId, attempt: ended }
          await step('verify', () => world.verify(verify, verifyKey(verify)))
          return
        }
        await sleep(`until look ${look + 1}`, world.followEvery(world.now().getTime() - began))
      }
    },
    // The checklist stays open: another run, or a person, will answer it.
    gaveUp: async () => {},
  }
}

const longestRunMs = 12 * 3_600_000

/** The attempt that has ended; null while it has not. */
async function endOf({ runs }: RemedyWorld, { repository, runId, attempt }: Attempt): Promise<number | null> {
  try {
    const run = await runs.run(repository, runId)
    return run.attempt >= attempt && run.status === 'completed' ? run.attempt : null
  } catch (error) {
    // between a dispatch and its run GitHub may not know the run yet
    if (error instanceof GithubFault && error.code === 'not-found') return null
    throw error
  }
}

/** A quarter of a minute at first, then a minute, after an hour five: some four hundred looks in twelve hours. */
export function followEvery(sinceMs: number): number {
  if (sinceMs < 120_000) return 15_000
  return sinceMs < 3_600_000 ? 60_000 : 300_000
}
