import type { Run } from '../alert/from-run.ts'
import type { RunLink } from '../alert/from-text.ts'
import { pictureOf, withSentence } from '../chart/picture.ts'
import type { Waterfall } from '../chart/waterfall.ts'
import { type Ask, askSchema } from '../slack/ask.ts'
import type { Reply } from '../slack/reply.ts'
import { planGaveUpAsk, planNothingFound } from '../thread/gave-up.ts'
import { planAnswer } from '../thread/thread.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import type { State } from '../thread/wording.ts'
import { type Finding, findTarget } from './find-target.ts'
import type { OrderPicture } from './picture.ts'
import { attemptOf, type Reading, readRun } from './read-run.ts'
import type { Task } from './turn.ts'

export type ExplainWorld = Reading &
  Finding & {
    reply: Reply
    runbooksUrl: string | null
    /** absent: no pictures */
    orderPicture?: OrderPicture
  }

/** A person asked what happened in the runs behind these links: read them and answer where they asked. */
export function explainLinkTask(world: ExplainWorld): Task<Ask> {
  return {
    name: 'explain-link',
    schema: askSchema,
    async perform(ask, step) {
      const wanted = await step('find the run', () => runsWanted(world, ask))
      const { because } = wanted
      if (because !== null)
        await step('answer', async () => {
          await world.reply(ask.replyTo, [planNothingFound(tagOf(ask), because)])
          return null
        })
      for (const [index, link] of wanted.links.slice(0, linksAnswered).entries()) {
        const answer = await step(`explain ${index}`, () => explainLink(world, ask, link, wanted.notes))
        await step(`answer ${index}`, async () => {
          await world.reply(ask.replyTo, answer.messages)
          return null
        })
        await step(`order picture ${index}`, async () => {
          await orderPicture(world, ask, answer)
          return null
        })
      }
    },
    async gaveUp(ask, error) {
      await world.reply(ask.replyTo, [planGaveUpAsk(tagOf(ask), error)])
    },
  }
}

/** A message full of links is one question, not a report. */
const linksAnswered = 3

type RunsWanted = { links: RunLink[]; notes: string[]; because: string | null }

async function runsWanted(world: ExplainWorld, { links, target }: Ask): Promise<RunsWanted> {
  if (!target) return { links, notes: [], because: null }
  const found = await findTarget(world, target)
  if (found.kind === 'nothing') return { links: [], notes: [], because: found.because }
  const { repository, runId, attempt } = found.run
  return { links: [{ repository, runId, attempt, jobId: null }], notes: found.notes, because: null }
}

type Explained = { tag: string; messages: WantedMessage[]; waterfall: Waterfall | null }

async function explainLink(world: ExplainWorld, ask: Ask, link: RunLink, notes: string[]): Promise<Explained> {
  const run = await attemptOf(world.runs, link)
  const diagnosis = await readRun(world, { ...run, jobId: link.jobId })
  const tag = `${tagOf(ask)}:${link.runId}.${run.attempt}.${link.jobId ?? 'all'}`
  const messages = planAnswer({
    tag,
    run,
    state: stateOf(run),
    notes,
    diagnosis,
    askedBy: ask.askedBy,
    runbooksUrl: world.runbooksUrl,
  })
  const waterfall = pictureOf(diagnosis, run.repository)
  // what one person alone sees takes words, no files
  const alone = waterfall !== null && ask.replyTo.kind === 'response'
  return { tag, messages: alone ? withSentence(messages, waterfall) : messages, waterfall }
}

function stateOf({ status, conclusion }: Run): State {
  if (status !== 'completed') return 'running'
  if (conclusion === 'cancelled') return 'cancelled'
  return conclusion === 'success' ? 'passed' : 'failed'
}

async function orderPicture(
  { orderPicture }: ExplainWorld,
  { replyTo }: Ask,
  { tag, waterfall }: Explained,
): Promise<void> {
  if (!orderPicture || !waterfall || replyTo.kind !== 'thread') return
  const { channel, ts: threadTs } = replyTo
  await orderPicture({ of: 'answer', channel, threadTs, tag, waterfall }, `picture:${tag}`)
}

function tagOf({ replyTo, askedBy }: Ask): string {
  return replyTo.kind === 'thread' ? `ask:${replyTo.channel}:${replyTo.ts}:${askedBy}` : `ask:${replyTo.url}`
}
