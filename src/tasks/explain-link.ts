import type { RunLink } from '../alert/from-text.ts'
import { type Ask, askSchema } from '../slack/ask.ts'
import type { Reply } from '../slack/reply.ts'
import { planGaveUpAsk } from '../thread/gave-up.ts'
import { planAnswer } from '../thread/thread.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import { attemptOf, type Reading, readRun } from './read-run.ts'
import type { Task } from './turn.ts'

export type ExplainWorld = Reading & { reply: Reply; runbooksUrl: string | null }

/** A person asked what happened in the runs behind these links: read them and answer where they asked. */
export function explainLinkTask(world: ExplainWorld): Task<Ask> {
  return {
    name: 'explain-link',
    schema: askSchema,
    async perform(ask, step) {
      for (const [index, link] of ask.links.slice(0, linksAnswered).entries()) {
        const messages = await step(`read ${index}`, () => explainLink(world, ask, link))
        await step(`answer ${index}`, async () => {
          await world.reply(ask.replyTo, messages)
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

async function explainLink(world: ExplainWorld, ask: Ask, link: RunLink): Promise<WantedMessage[]> {
  const run = await attemptOf(world.runs, link)
  const diagnosis = await readRun(world, { ...run, jobId: link.jobId })
  return planAnswer({
    tag: `${tagOf(ask)}:${link.runId}.${run.attempt}.${link.jobId ?? 'all'}`,
    run,
    passed: run.conclusion === 'success',
    diagnosis,
    askedBy: ask.askedBy,
    runbooksUrl: world.runbooksUrl,
  })
}

function tagOf({ replyTo, askedBy }: Ask): string {
  return replyTo.kind === 'thread' ? `ask:${replyTo.channel}:${replyTo.ts}:${askedBy}` : `ask:${replyTo.url}`
}
