import { z } from 'zod'
import type { PostedMessage } from './print-thread.ts'
import { type ActionSent, actionIn, type Pressed } from './slack-buttons.ts'
import { type Door, type Forgery, type Knocked, knock, knockAgain, slackId, slackTs } from './slack-knock.ts'
import { type Filled, type LocalModals, type OpenModal, stateOf } from './slack-modals.ts'
import {
  bot,
  type Channel,
  commandPayload,
  type Deed,
  mentionPayload,
  pressPayload,
  shortcutPayload,
  submitPayload,
} from './slack-payloads.ts'
import type { LocalPerson } from './slack-people.ts'
import type { asPerson } from './slack-person.ts'
import type { Envelope } from './slack-socket.ts'

/** Where and how something is done; what a test may set, or get wrong on purpose. */
export type How = { channel?: string; triggerId?: string; responseUrl?: string; forgery?: Forgery }

/** What a person does in Slack. */
export type Acts = {
  /** Types `/cache` and this. */
  command(text: string, how?: How): Promise<Knocked>
  /** Writes a message. */
  say(text: string, place?: { channel?: string; threadTs?: string }): Promise<PostedMessage>
  /** Uses "Explain this build" on a message. */
  shortcut(message: Pick<PostedMessage, 'ts' | 'text'> & Record<string, unknown>, how?: How): Promise<Knocked>
  /**
   * Presses a button, a line of a menu or a thumb, found in the message as it stands by the words on it; throws when it is
   * not there. A question before the press is answered with yes.
   */
  press(button: Pressed & { message: Pick<PostedMessage, 'ts' | 'thread_ts'> }, how?: How): Promise<Knocked>
  /** Sends a press that no message holds. */
  pressRaw(
    action: { action_id: string; value: string } & Record<string, unknown>,
    how?: How & { message?: Pick<PostedMessage, 'ts' | 'thread_ts'> },
  ): Promise<Knocked>
  /** Fills in a form and sends it. */
  submit(modal: OpenModal, filled?: Filled, how?: Pick<How, 'forgery'>): Promise<Submitted>
  /** Writes a message that mentions the bot. */
  mention(
    text: string,
    how?: { channel?: string; threadTs?: string; eventId?: string; again?: PostedMessage },
  ): Promise<{ message: PostedMessage; knocked: Knocked }>
  /** Sends any interactive payload, signed by Slack's secret. */
  interact(payload: unknown, forgery?: Forgery): Promise<Knocked>
}

/** `errors`: what the form shows beside its fields; empty when it closed. */
export type Submitted = Knocked & { errors: Record<string, string> }

/** The Slack that people act in. */
export type Place = {
  command: string
  door(): Door
  channel(name?: string): Channel
  /** where the bot may answer this person alone */
  responseUrl(who: LocalPerson): string
  modals: LocalModals
  read: ReturnType<typeof asPerson>
  /** keeps what the bot said with an acknowledgement */
  keep(knocked: Knocked, who: LocalPerson): Knocked
}

export function actsOf(who: LocalPerson, place: Place): Acts {
  const deed = (how: How): Deed => ({
    who,
    channel: place.channel(how.channel),
    triggerId: place.modals.trigger(who.id, how.triggerId),
    responseUrl: how.responseUrl ?? place.responseUrl(who),
  })
  const interact: Acts['interact'] = (payload, forgery) =>
    knock(place.door(), { type: 'interactive', payload, accepts_response_payload: true }, forgery)
  const say: Acts['say'] = (text, { channel, threadTs } = {}) =>
    place.read.post(place.channel(channel).id, text, threadTs)
  return {
    interact,
    say,
    async command(text, how = {}) {
      const payload = commandPayload(place.command, text, deed(how))
      const envelope: Envelope = { type: 'slash_commands', payload, accepts_response_payload: true }
      return place.keep(await knock(place.door(), envelope, how.forgery), who)
    },
    shortcut: (message, how = {}) => interact(shortcutPayload(message, deed(how)), how.forgery),
    async press({ message, ...pressed }, how = {}) {
      const standing = await standingIn(place, message, how.channel)
      return interact(pressPayload(actionIn(standing.blocks ?? [], pressed), standing, deed(how)), how.forgery)
    },
    pressRaw(action, { message = { ts: slackTs() }, ...how } = {}) {
      const sent: ActionSent = { type: 'button', block_id: 'actions', action_ts: slackTs(), ...action }
      return interact(pressPayload(sent, message, deed(how)), how.forgery)
    },
    submit: (modal, filled = {}, how = {}) => submit(modal, filled, how, who, place, interact),
    async mention(text, how = {}) {
      const written = `<@${bot.userId}> ${text}`
      const message = how.again ?? (await say(written, how))
      const payload = mentionPayload(
        { ...message, text: written },
        { who, channel: place.channel(how.channel).id, eventId: how.eventId ?? slackId('Ev') },
      )
      const envelope: Envelope = { type: 'events_api', payload, accepts_response_payload: false }
      return { message, knocked: await knockAgain(place.door(), envelope) }
    },
  }
}

/** The message as it stands now: it may have changed since the test looked. */
async function standingIn(
  { read, channel }: Place,
  { ts, thread_ts: thread }: Pick<PostedMessage, 'ts' | 'thread_ts'>,
  name?: string,
): Promise<PostedMessage> {
  const { id } = channel(name)
  const all = thread === undefined || thread === ts ? await read.history(id) : await read.replies(id, thread)
  const found = all.find((message) => message.ts === ts)
  if (!found) throw new Error(`no message ${ts} stands in ${channel(name).name}`)
  return found
}

async function submit(
  modal: OpenModal,
  filled: Filled,
  how: Pick<How, 'forgery'>,
  who: LocalPerson,
  { modals }: Place,
  interact: Acts['interact'],
): Promise<Submitted> {
  const payload = submitPayload(modal, stateOf(modal, filled), { who, triggerId: modals.trigger(who.id) })
  const knocked = await interact(payload, how.forgery)
  const answer = errorsSchema.safeParse(knocked.said)
  const errors = answer.success ? answer.data.errors : {}
  const blocks = modal.view.blocks.map(({ block_id: id }) => id)
  const strange = Object.keys(errors).filter((id) => !blocks.includes(id))
  if (strange.length > 0) throw new Error(`errors of blocks that the form has not: ${strange.join(', ')}`)
  if (knocked.status === 200 && !answer.success) modals.close(modal)
  return { ...knocked, errors }
}

const errorsSchema = z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) })
