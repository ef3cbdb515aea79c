import { type Alert, alertKey } from '../alert/alert.ts'
import { section } from './blocks.ts'
import { cut, link, md, plainLine } from './escape.ts'
import type { WantedMessage } from './wanted.ts'

/** We heard that a run failed and could not find out why, however often we tried: said, not swallowed. */
export function planGaveUp(alert: Alert, error: unknown): WantedMessage {
  const { repository, workflow, runId, attempt, url } = alert
  const page = link(url, attempt > 1 ? `run ${runId}, attempt ${attempt}` : `run ${runId}`)
  const head = md`:warning: *${workflow}* of *${repository}* failed (${page}), and I gave up finding out why.`
  return {
    tag: `gave-up:${alertKey(alert)}`,
    parent: null,
    text: plainLine(
      `${workflow} of ${repository} failed (run ${runId}), and I gave up finding out why: ${reasonOf(error)}`,
    ),
    blocks: [section('gave-up', md`${head}\n${reasonOf(error)}`)],
  }
}

/** The same for a question somebody asked. */
export function planGaveUpAsk(tag: string, error: unknown): WantedMessage {
  const reason = reasonOf(error)
  return {
    tag: `${tag}:gave-up`,
    parent: null,
    text: plainLine(`I could not explain this run: ${reason}`),
    blocks: [section('gave-up', md`:warning: I could not explain this run. ${reason}`)],
  }
}

/** There is no run to explain: why, and what could be done. */
export function planNothingFound(tag: string, because: string): WantedMessage {
  const reason = cut(because, 600)
  return {
    tag: `${tag}:nothing`,
    parent: null,
    text: plainLine(`I found no build to explain. ${reason}`),
    blocks: [section('nothing', md`:warning: I found no build to explain. ${reason}`)],
  }
}

function reasonOf(error: unknown): string {
  return cut(error instanceof Error ? error.message : String(error), 600)
}
