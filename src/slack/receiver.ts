import { type App, HTTPReceiver, type ReceiverEvent, SocketModeReceiver } from '@slack/bolt'
import { z } from 'zod'
import { clientOptions } from './client.ts'
import { boltLogger, type Logger } from './log.ts'

export type SlackDoor = { kind: 'socket'; appToken: string } | { kind: 'http'; signingSecret: string }
export type Receiver = HTTPReceiver | SocketModeReceiver

/** What was dealt with already, whatever process did it; marked when it is done, and not before. */
export type Once = {
  /** True for exactly one of all callers with this key, whatever process. */
  firstTime(key: string, now: Date): Promise<boolean>
  /** Has `firstTime` been answered for this key? */
  isKnown(key: string): Promise<boolean>
}

export const slackPath = '/slack/events'

/** Each delivery gets a name that it keeps when it comes again: its signature, or the id of its envelope. */
export function openReceiver(
  { door, apiUrl }: { door: SlackDoor; apiUrl: string | null },
  logger: Logger,
): HTTPReceiver | SocketModeReceiver {
  const log = boltLogger(logger)
  if (door.kind === 'http') {
    const { signingSecret } = door
    const customPropertiesExtractor = (request: { headers: Record<string, unknown> }) => ({
      delivery: `slack:request:${request.headers['x-slack-signature']}`,
    })
    return new HTTPReceiver({ signingSecret, endpoints: [slackPath], logger: log, customPropertiesExtractor })
  }
  // Here trying again inside is right: a socket that closes has to be opened anew, and nothing waits for it.
  const { retryConfig: _, ...web } = clientOptions(apiUrl)
  return new SocketModeReceiver({
    appToken: door.appToken,
    logger: log,
    installerOptions: { clientOptions: web },
    customPropertiesExtractor: ({ envelope_id: id }) => ({ delivery: `slack:envelope:${id}` }),
  })
}

/**
 * Bolt acknowledges an event before anything is done about it. We acknowledge when the task is written down, so that
 * Slack sends it again if we die in between; and a delivery that was dealt with is acknowledged and not heard again.
 */
export function answerAfterwards(receiver: Receiver, app: App, once: Once & { now(): Date; logger: Logger }): void {
  const patient = {
    async processEvent(event: ReceiverEvent) {
      const { delivery } = deliverySchema.parse(event.customProperties)
      if (!isReadable(event.body)) {
        once.logger.warn(
          { door: 'slack' },
          'Slack sent something that has not the shape of what it sends: nothing was done',
        )
        return await event.ack()
      }
      if (await wasDealtWith(delivery, once)) return await event.ack()
      let answer: unknown
      await app.processEvent({
        ...event,
        async ack(response?: unknown) {
          answer = response
        },
      })
      await markDealtWith(delivery, once)
      await event.ack(answer)
    },
  }
  // A receiver knows of its app only this method.
  receiver.init(patient as App)
}

/** Of presses and forms Bolt reads these parts without looking whether they are there. */
function isReadable(body: ReceiverEvent['body']): boolean {
  if (body.type === 'block_actions') return pressSchema.safeParse(body).success
  return body.type !== 'view_submission' || formSchema.safeParse(body).success
}

// Bolt looks things up by these; a name such as `toString` would find something.
const slackId = z.string().regex(/^[A-Z0-9]{1,100}$/)
const part = z.looseObject({ id: slackId.nullish(), team_id: slackId.nullish() })
const common = {
  user: part,
  team: part.nullish(),
  enterprise: part.nullish(),
  channel: part.optional(),
  // by these Bolt would take it for something else
  event: z.undefined().optional(),
  command: z.undefined().optional(),
  name: z.undefined().optional(),
}
const pressSchema = z.looseObject({ ...common, actions: z.array(z.looseObject({ action_id: z.string() })).min(1) })
const formSchema = z.looseObject({
  ...common,
  actions: z.undefined().optional(),
  view: z.looseObject({ callback_id: z.string() }),
})

const deliverySchema = z.object({ delivery: z.string().max(300) })

// Each door has a key of its own for what it does; when this one cannot be looked up the doors say what is wrong.
async function wasDealtWith(delivery: string, { isKnown, logger }: Once & { logger: Logger }): Promise<boolean> {
  try {
    return await isKnown(delivery)
  } catch (error) {
    logger.error({ err: error, delivery }, 'could not look up whether a request of Slack was heard before')
    return false
  }
}

async function markDealtWith(
  delivery: string,
  { firstTime, now, logger }: Once & { now(): Date; logger: Logger },
): Promise<void> {
  try {
    await firstTime(delivery, now())
  } catch (error) {
    logger.error({ err: error, delivery }, 'could not note that a request of Slack was heard')
  }
}
