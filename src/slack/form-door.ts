import type { App } from '@slack/bolt'
import { notTaken } from './doors.ts'
import { mistakesIn } from './form-mistakes.ts'
import { pruneForm, reasonForm, rebuildForm, type Submission } from './forms.ts'
import type { Logger } from './log.ts'
import type { Once } from './receiver.ts'
import { readSubmission } from './submission.ts'

export type FormOptions = {
  /** Adds the durable task, the same key twice is one task. */
  submit(submission: Submission, key: string): Promise<void>
}

type Doors = FormOptions & Once & { now(): Date; logger: Logger }

/** Forms that were sent. The form stays open, with what is wrong beside its field, until it is written down. */
export function openFormDoor(app: App, doors: Doors): void {
  app.view(/^layerwise:/, async ({ ack, body }) => {
    const errors = await hearSubmission(body, doors)
    if (errors === null) await ack()
    else await ack({ response_action: 'errors', errors })
  })
}

/** What is wrong, by the field's block; null: it is written down, or was before. */
async function hearSubmission(body: unknown, doors: Doors): Promise<Record<string, string> | null> {
  const { isKnown, firstTime, now, submit, logger } = doors
  const read = readSubmission(body)
  const form = read && forms[read.callbackId]
  if (!read || !form) {
    logger.warn({ door: 'slack' }, 'a form was sent that is none of ours: nothing was done')
    return null
  }
  const { submission, key, blocks } = read
  try {
    if (await isKnown(key)) return null
    const mistakes = Object.entries(mistakesIn(form, submission.values))
    if (mistakes.length > 0)
      return Object.fromEntries(mistakes.map(([field, words]) => [blockOf(field, blocks), words]))
    await submit(submission, key)
    await firstTime(key, now())
    return null
  } catch (error) {
    logger.error({ err: error, key }, 'could not take down a form that was sent in Slack')
    return { [blockOf('', blocks)]: notTaken.mrkdwn }
  }
}

/** Slack shows errors of blocks that are there only; one without its own goes to the first. */
function blockOf(field: string, blocks: string[]): string {
  return blocks.includes(field) ? field : (blocks[0] ?? field)
}

const forms: Record<string, 'prune' | 'rebuild' | 'reason'> = {
  [pruneForm]: 'prune',
  [rebuildForm]: 'rebuild',
  [reasonForm]: 'reason',
}
