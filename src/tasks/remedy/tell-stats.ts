import { type StatsAsk, statsAskSchema } from '../../slack/remedy-ask.ts'
import type { Respond } from '../../slack/response.ts'
import type { Store } from '../../store/store.ts'
import { sayRemedyGaveUp } from '../../thread/remedy-wording.ts'
import { planStats } from '../../thread/stats.ts'
import type { Task } from '../turn.ts'
import { tellAlone } from './tell-alone.ts'

/** How often each rule was right, as people and later builds said. */
export function tellStatsTask(world: { store: Pick<Store, 'feedback'>; respond: Respond }): Task<StatsAsk> {
  return {
    name: 'tell-stats',
    schema: statsAskSchema,
    async perform(ask, step) {
      await step('answer', async () => world.respond(ask.responseUrl, planStats(await world.store.feedback.stats())))
    },
    gaveUp: (ask, error) => tellAlone(world, ask.responseUrl, sayRemedyGaveUp(error)),
  }
}
