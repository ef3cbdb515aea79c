import { createHash } from 'node:crypto'
import type { RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { context } from '../thread/blocks.ts'
import { md, plainLine } from '../thread/escape.ts'
import type { Story } from '../thread/story.ts'
import { parentTag } from '../thread/thread.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import { planWaterfall } from './plan.ts'
import { altText } from './sentence.ts'
import { short } from './steps.ts'
import type { Waterfall } from './waterfall.ts'

/** The build that the lead job's story is about: the one that failed, else the longest; null when none can be drawn. */
export function pictureOf({ jobs, lead }: RunDiagnosis, repository: string): Waterfall | null {
  const job = lead === null ? undefined : jobs[lead]
  const drawn = (job?.explanation?.builds ?? []).flatMap((build, index) => {
    const title = [repository, job?.name ?? '', build.target ?? ''].filter((part) => part !== '')
    const waterfall = planWaterfall(build, job?.times?.[index] ?? [], title.map((part) => short(part, 60)).join(' · '))
    return waterfall ?? []
  })
  return drawn.find(hasFailed) ?? drawn.toSorted((one, other) => other.totalSeconds - one.totalSeconds)[0] ?? null
}

/** What a picture is of, by which the same is known again. */
export function pictureName(waterfall: Waterfall): string {
  return createHash('sha256').update(JSON.stringify(waterfall)).digest('hex').slice(0, 16)
}

/** Tag of a story's picture: one, whatever attempts follow. */
export function pictureTag(story: Pick<Story, 'id'>): string {
  return `${parentTag(story)}:picture`
}

/** The message that shows it. `file` is Slack's name of the uploaded picture. */
export function pictureMessage(
  { tag, parent }: Pick<WantedMessage, 'tag' | 'parent'>,
  waterfall: Waterfall,
  file: string,
): WantedMessage {
  return {
    tag,
    parent,
    text: plainLine(`Waterfall: ${waterfall.sentence}`),
    blocks: [
      {
        type: 'image',
        block_id: `waterfall-${pictureName(waterfall)}`,
        slack_file: { id: file },
        alt_text: altText(waterfall),
      },
    ],
  }
}

/** For whom no picture can be shown: the last of the messages ends with what it would tell. */
export function withSentence(messages: WantedMessage[], { sentence }: Waterfall): WantedMessage[] {
  return messages.map((message, index) =>
    index < messages.length - 1
      ? message
      : { ...message, blocks: [...message.blocks, context('waterfall', md`${sentence}`)] },
  )
}

function hasFailed({ lanes }: Waterfall): boolean {
  return lanes.some(({ bars }) => bars.some(({ kind }) => kind === 'failed'))
}
