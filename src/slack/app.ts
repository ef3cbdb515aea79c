import type { IncomingMessage, ServerResponse } from 'node:http'
import { App, HTTPReceiver, SocketModeReceiver } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { WebClient } from '@slack/web-api'
import type { AddAsk } from './ask.ts'
import { clientOptions } from './client.ts'
import type { Answer, Command, Watched } from './command.ts'
import { hearCommand, hearMessage, notTaken, otherName, type TextReader, textsOf } from './doors.ts'
import { slackFailure } from './failure.ts'
import { type FormOptions, openFormDoor } from './form-door.ts'
import type { FormOrder } from './forms.ts'
import { slackListener } from './listener.ts'
import { boltLogger, type Logger } from './log.ts'
import { modalPatienceMs, type OpenModal, openModalWith } from './modal.ts'
import { type People, slackPeople } from './people.ts'
import { type PostedMessages, type Poster, poster } from './poster.ts'
import { openPressDoor, type PressOptions } from './press-door.ts'
import { answerAfterwards, type Once, openReceiver, type SlackDoor } from './receiver.ts'
import { type Reply, replyWith } from './reply.ts'
import { mayRespondTo, type Respond, respondTo } from './response.ts'
import { type Share, shareTo, type Upload, uploadTo } from './uploads.ts'

export { slackPath } from './receiver.ts'

export type SlackSettings = {
  botToken: string
  door: SlackDoor
  /** null: Slack's own */
  apiUrl: string | null
  /** the slash command, `/cache` unless configured */
  command: string
}

export type SlackSideOptions = TextReader &
  PressOptions &
  FormOptions &
  Once & {
    config: SlackSettings
    /** Adds the durable task; the same key twice is one task. */
    ask: AddAsk
    /** The form that a command opens. Asked within the three seconds that Slack waits. */
    openForm(order: FormOrder, place: FormPlace): Promise<ModalView>
    messages: PostedMessages
    commands: Command[]
    /** what the configuration names, for the channel that somebody asks in */
    watched(channel: { id: string; name: string }): Watched
    logger: Logger
    now?: () => Date
  }

/** Where a form was asked for, and where its answer goes. */
export type FormPlace = { channel: string; channelName: string; responseUrl: string }

export type SlackSide = {
  client: WebClient
  poster: Poster
  reply: Reply
  upload: Upload
  share: Share
  respond: Respond
  people: People
  /** Mount at `/slack/events` of the HTTP server; null in Socket Mode. */
  listener: ((request: IncomingMessage, response: ServerResponse) => void) | null
  /** Checks the token, and in Socket Mode connects. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Slack as the bot sees it: the doors people knock at, and the hands that post. */
export function slackSide(options: SlackSideOptions): SlackSide {
  const { config, logger, messages } = options
  const now = options.now ?? (() => new Date())
  const web = clientOptions(config.apiUrl)
  const client = new WebClient(config.botToken, { ...web, logger: boltLogger(logger) })
  // A local Slack answers at its own host, GovSlack at hooks.slack-gov.com.
  const apiHost = config.apiUrl === null ? null : new URL(config.apiUrl).host
  const localHosts = apiHost === null ? [] : [apiHost, `hooks.${apiHost}`]
  const respond = respondTo(localHosts)
  const posts = poster({ client, messages, now })
  const self: Self = { botUserId: null }
  const receiver = openReceiver(config, logger)
  const app = new App({
    receiver,
    logger: boltLogger(logger),
    clientOptions: web,
    // Bolt would ask Slack who we are while an event waits, and drop the event when Slack does not answer.
    authorize: async () => ({
      botToken: config.botToken,
      ...(self.botUserId === null ? {} : { botUserId: self.botUserId }),
    }),
  })
  answerAfterwards(receiver, app, { ...options, now })
  const hasty = new WebClient(config.botToken, { ...web, timeout: modalPatienceMs, logger: boltLogger(logger) })
  const doors = { ...options, now, posts, respond, localHosts, openModal: openModalWith({ client: hasty, logger }) }
  openDoors(app, doors)
  openPressDoor(app, doors)
  openFormDoor(app, doors)
  return {
    client,
    poster: posts,
    reply: replyWith({ poster: posts, respond }),
    upload: uploadTo({ client, apiUrl: config.apiUrl }),
    share: shareTo({ client, apiUrl: config.apiUrl }),
    respond,
    people: slackPeople(client),
    listener: receiver instanceof HTTPReceiver ? slackListener(receiver, now, logger) : null,
    async start() {
      self.botUserId = await whoWeAre(client)
      if (receiver instanceof SocketModeReceiver) await receiver.start()
    },
    async stop() {
      if (receiver instanceof SocketModeReceiver) await receiver.stop()
    },
  }
}

type Self = { botUserId: string | null }

async function whoWeAre(client: WebClient): Promise<string | null> {
  try {
    const { user_id: userId } = await client.auth.test()
    return userId ?? null
  } catch (error) {
    throw slackFailure('asking Slack who we are', error)
  }
}

type Doors = SlackSideOptions & {
  now: () => Date
  posts: Poster
  respond: Respond
  localHosts: string[]
  openModal: OpenModal
}

function openDoors(app: App, doors: Doors): void {
  const { config, commands, findLinks, respond, posts, localHosts } = doors

  // Whatever command Slack sends us gets an answer, also one we don't know.
  app.command(/.*/, async ({ command, ack }) => {
    const { user_id: user, channel_id: channel, response_url: responseUrl, trigger_id: trigger } = command
    if (command.command !== config.command)
      return await ack({ response_type: 'ephemeral', text: otherName(config.command).mrkdwn })
    if (!mayRespondTo(responseUrl, localHosts)) return await ack({ response_type: 'ephemeral', text: notTaken.mrkdwn })
    const watched = doors.watched({ id: channel, name: command.channel_name })
    const place = { user, teamId: command.team_id ?? null, channel, responseUrl }
    const request = { typed: command.text ?? '', slash: config.command, commands, watched, ...place }
    const answer = hearCommand(request, doors)
    const opens = answer.form && {
      form: answer.form,
      trigger,
      place: { channel, channelName: command.channel_name, responseUrl },
    }
    const said = await carryOut({ ...answer, opens }, `slack:trigger:${trigger}`, doors)
    await ack(said === null ? undefined : { response_type: 'ephemeral', text: said })
  })

  app.shortcut('explain_build', async ({ shortcut, ack }) => {
    await ack()
    if (shortcut.type !== 'message_action') return
    const { channel, message, user, response_url: url, trigger_id: trigger } = shortcut
    const responseUrl = mayRespondTo(url, localHosts) ? url : null
    const replyTo = { kind: 'thread', channel: channel.id, ts: threadOf(message), responseUrl } as const
    const request = {
      links: findLinks(textsOf(message)),
      replyTo,
      user: user.id,
      slash: config.command,
      said: 'There is no link to a run in that message.',
    }
    const said = await carryOut(hearMessage(request), `slack:trigger:${trigger}`, doors)
    if (said !== null && responseUrl !== null) await respond(responseUrl, { text: said, blocks: [] })
  })

  app.event('app_mention', async ({ event, body }) => {
    const replyTo = { kind: 'thread', channel: event.channel, ts: threadOf(event), responseUrl: null } as const
    const request = {
      links: findLinks(textsOf(event)),
      replyTo,
      user: event.user ?? '',
      slash: config.command,
      said: 'I can only read the message that mentions me, and it has no link to a run.',
    }
    const answer = hearMessage(request)
    const key = `slack:event:${body.event_id}`
    if (await doors.isKnown(key)) return
    const said = { tag: key, parent: null, text: answer.say.mrkdwn, blocks: [] }
    // With a task the answer itself comes into the thread; "reading…" before it would only be noise for everybody.
    if (answer.ask) await doors.ask(answer.ask, key)
    else await posts.deliver(said, { channel: replyTo.channel, threadTs: replyTo.ts })
    await doors.firstTime(key, doors.now())
  })
}

type Opens = { form: FormOrder; trigger: string; place: FormPlace }

/**
 * Adds the task, then says so; null when there is nothing to say, or it was said before. In this order a crash or a second
 * delivery never loses the task, and the key keeps it one task. Nothing is lost with a form that does not open.
 */
async function carryOut(
  { say, ask, opens }: Omit<Answer, 'form'> & { opens?: Opens | undefined },
  key: string,
  doors: Doors,
): Promise<string | null> {
  const { ask: addAsk, firstTime, now, logger } = doors
  try {
    if (ask) await addAsk(ask, key)
    if (!(await firstTime(key, now()))) return null
    const instead = opens ? await doors.openModal(opens.trigger, await doors.openForm(opens.form, opens.place)) : null
    const said = (instead ?? say).mrkdwn
    return said === '' ? null : said
  } catch (error) {
    logger.error({ err: error, key }, 'could not take down what was asked in Slack')
    return notTaken.mrkdwn
  }
}

function threadOf(message: { ts?: string; message_ts?: string; thread_ts?: string }): string {
  return message.thread_ts ?? message.ts ?? message.message_ts ?? ''
}
