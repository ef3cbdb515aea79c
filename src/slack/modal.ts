import type { ModalView } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import type { Mrkdwn } from '../thread/escape.ts'
import { formNotOpened } from './doors.ts'
import { slackFailure } from './failure.ts'
import type { Logger } from './log.ts'

/** Opens a form over Slack; returns what to say when it did not open, null when it did. */
export type OpenModal = (triggerId: string, view: ModalView) => Promise<Mrkdwn | null>

/** Slack gives three seconds from the click to the form; the client must not wait longer. */
export const modalPatienceMs = 2_000

export function openModalWith({ client, logger }: { client: WebClient; logger: Logger }): OpenModal {
  return async (triggerId, view) => {
    try {
      await client.views.open({ trigger_id: triggerId, view })
      return null
    } catch (error) {
      const failure = slackFailure(`opening ${view.callback_id}`, error)
      logger.warn({ err: failure, door: 'slack' }, 'a form did not open')
      return formNotOpened
    }
  }
}
