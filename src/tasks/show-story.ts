import { createHash } from 'node:crypto'
import type { Poster } from '../slack/poster.ts'
import type { Store } from '../store/store.ts'
import type { RemediesShown } from '../thread/offers.ts'
import type { Story } from '../thread/story.ts'
import { planThread } from '../thread/thread.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import type { OrderPicture } from './picture.ts'
import type { Step } from './turn.ts'

/** What showing a failure needs. */
export type StoryShowing = {
  store: Pick<Store, 'stories'>
  poster: Pick<Poster, 'deliver'>
  runbooksUrl: string | null
  /** absent: no pictures */
  orderPicture?: OrderPicture
  /** what may be done about it, what was done, and who is asked whether the diagnosis is right; absent: nothing of that */
  aroundOf?: (story: Story) => Promise<Around>
}

export type Around = { remedies: RemediesShown; feedback: { upId: string; downId: string } | null }

/**
 * Brings all messages of a failure up to date, each in a step of its own, so that none is sent twice when the task is cut
 * off. Another task may have carried the story on meanwhile, and an older message may have replaced its newer one: so
 * until what was shown is what is true.
 */
export async function showStory(world: StoryShowing, id: string, step: Step): Promise<void> {
  const { store, poster, runbooksUrl, aroundOf, orderPicture } = world
  for (let round = 0, shown = ''; ; round++) {
    const story = await store.stories.get(id)
    if (story === null) return
    const messages = planThread({ story, runbooksUrl, ...(await aroundOf?.(story)) })
    const now = messages.map(hashOf).join(' ')
    if (now === shown) return
    shown = now
    for (const message of messages) {
      await step(`show ${message.tag} as ${hashOf(message)} in round ${round}`, async () => {
        await poster.deliver(message, { channel: story.channel })
        return null
      })
    }
    if (!orderPicture) continue
    await step(`order picture of version ${story.version} in round ${round}`, async () => {
      await orderPicture({ of: 'story', id }, `picture:${id}:${story.version}`)
      return null
    })
  }
}

/** Name of what a message says. */
export function hashOf({ text, blocks }: WantedMessage): string {
  return createHash('sha256')
    .update(JSON.stringify([text, blocks]))
    .digest('hex')
    .slice(0, 12)
}
