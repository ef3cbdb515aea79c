import { z } from 'zod'
import { pictureMessage, pictureName, pictureOf, pictureTag } from '../chart/picture.ts'
import { type Waterfall, waterfallSchema } from '../chart/waterfall.ts'
import type { Place, Poster } from '../slack/poster.ts'
import type { Upload } from '../slack/uploads.ts'
import type { Store } from '../store/store.ts'
import { parentTag } from '../thread/thread.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import type { Task } from './turn.ts'

export const pictureOrderSchema = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('story'), id: z.string() }),
  z.strictObject({
    of: z.literal('answer'),
    channel: z.string(),
    threadTs: z.string(),
    tag: z.string(),
    waterfall: waterfallSchema,
  }),
])
/** A picture to be shown: of a story as it stands when its turn comes, or of an answer. */
export type PictureOrder = z.infer<typeof pictureOrderSchema>

/** Adds the task; the same key twice is one. */
export type OrderPicture = (order: PictureOrder, key: string) => Promise<void>

export type PictureWorld = {
  store: Pick<Store, 'stories'>
  poster: Pick<Poster, 'deliverPicture' | 'isPosted'>
  upload: Upload
  logger: { warn(facts: object, message: string): void }
}

/** A task of its own, so that whatever becomes of a picture the words stand. */
export function pictureTask(world: PictureWorld): Task<PictureOrder> {
  return {
    name: 'picture',
    schema: pictureOrderSchema,
    async perform(order, step) {
      for (let shown = ''; ; ) {
        const wanted = await wantedPicture(world, order)
        if (wanted === null || wanted.name === shown) return
        shown = wanted.name
        await world.poster.deliverPicture(wanted.message, wanted.place, () =>
          step(`upload ${wanted.name}`, () => upload(world, wanted)),
        )
      }
    },
    async gaveUp(order, error) {
      const of = order.of === 'story' ? order.id : order.tag
      world.logger.warn(
        { of, error: error instanceof Error ? error.message : String(error) },
        'gave up showing a picture',
      )
    },
  }
}

type WantedPicture = { name: string; waterfall: Waterfall; place: Place; message(file: string): WantedMessage }

/** Read anew each time round: another task may have carried the story on while this one waited. */
async function wantedPicture({ store, poster }: PictureWorld, order: PictureOrder): Promise<WantedPicture | null> {
  if (order.of === 'answer') {
    const { tag, waterfall, channel, threadTs } = order
    // where we are not in the channel the words went to the person alone
    if (!(await poster.isPosted(tag))) return null
    return picture(waterfall, { tag: `${tag}:picture`, parent: tag }, { channel, threadTs })
  }
  const story = await store.stories.get(order.id)
  const waterfall = story && pictureOf(story.diagnosis, story.repository)
  if (!story || !waterfall) return null
  return picture(waterfall, { tag: pictureTag(story), parent: parentTag(story) }, { channel: story.channel })
}

function picture(waterfall: Waterfall, names: Pick<WantedMessage, 'tag' | 'parent'>, place: Place): WantedPicture {
  return {
    name: pictureName(waterfall),
    waterfall,
    place,
    message: (file) => pictureMessage(names, waterfall, file),
  }
}

async function upload({ upload }: PictureWorld, { name, waterfall }: WantedPicture): Promise<string> {
  // Not before it is needed: the drawing library takes half a second to load.
  const { waterfallPng } = await import('../chart/png.ts')
  return await upload({ name: `waterfall-${name}.png`, bytes: waterfallPng(waterfall) })
}
