import type { App } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { z } from 'zod'
import type { Mrkdwn } from '../thread/escape.ts'
import { notTaken, unknownButton } from './doors.ts'
import type { Logger } from './log.ts'
import type { OpenModal } from './modal.ts'
import { type Press, type ReadPress, readPress } from './press.ts'
import type { Once } from './receiver.ts'
import { mayRespondTo, type Respond } from './response.ts'

export type PressOptions = {
  /** Adds the durable task, which answers; the same key twice is one task. */
  press(press: Press, key: string): Promise<void>
  /** The form that this button opens; null: it is a task. Asked within the three seconds that Slack waits. */
  formOf(press: Press): Promise<ModalView | null>
}

type Doors = PressOptions &
  Once & { respond: Respond; localHosts: string[]; openModal: OpenModal; now(): Date; logger: Logger }

/** Buttons. Whoever presses one gets an answer, whatever became of it, and alone sees it. */
export function openPressDoor(app: App, doors: Doors): void {
  app.action(/.*/, async ({ ack, body }) => {
    await hearPress(body, doors)
    await ack()
  })
}

async function hearPress(body: unknown, doors: Doors): Promise<void> {
  const { respond, localHosts, logger } = doors
  const address = addressSchema.safeParse(body)
  const url = address.success ? address.data.response_url : null
  if (url === null || !mayRespondTo(url, localHosts))
    return logger.warn({ door: 'slack' }, 'a button was pressed whose response_url is not Slack’s: nothing was done')
  const read = readPress(body)
  const words = read === null ? unknownButton : await takeDown(read, doors)
  if (words === null) return
  try {
    await respond(url, { text: words.mrkdwn, blocks: [] })
  } catch (error) {
    // What was pressed is written down, or known to be nothing; sending the press again would not help.
    logger.warn({ err: error, door: 'slack' }, 'could not answer whoever pressed a button')
  }
}

const addressSchema = z.object({ response_url: z.string().max(2_000) })

/** What to say at once; null: nothing, for a task will answer or this press was heard before. */
async function takeDown({ press, triggerId, keys }: ReadPress, doors: Doors): Promise<Mrkdwn | null> {
  try {
    if ((await doors.isKnown(keys.trigger)) || (await doors.isKnown(keys.action))) return null
    const view = await doors.formOf(press)
    if (view === null) await doors.press(press, keys.action)
    const first = await isFirst(keys, doors)
    // Nothing is lost with a form that does not open.
    return view !== null && first ? await doors.openModal(triggerId, view) : null
  } catch (error) {
    doors.logger.error({ err: error, key: keys.action }, 'could not take down what was pressed in Slack')
    return notTaken
  }
}

/** One after the other: of two at once exactly one gets both. */
async function isFirst({ trigger, action }: ReadPress['keys'], { firstTime, now }: Doors): Promise<boolean> {
  return (await firstTime(trigger, now())) && (await firstTime(action, now()))
}
