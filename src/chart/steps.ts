import type { BuildSummary } from '../diagnosis/explanation.ts'
import type { StepTimes } from '../diagnosis/summarise.ts'
import { clean } from '../thread/escape.ts'
import { stepName } from '../thread/wording.ts'
import { seconds } from './seconds.ts'
import type { Bar } from './waterfall.ts'

/** A step as the picture needs it. */
export type Piece = {
  stage: string
  label: string
  kind: Exclude<Bar['kind'], 'rest'>
  start: number | null
  /** null: from the cache, or not measured */
  seconds: number | null
}

type Step = BuildSummary['steps'][number]

export function piecesOf(build: BuildSummary, times: StepTimes): Piece[] {
  const platforms = new Set(build.steps.map(({ platform }) => platform))
  const missed = new Set(build.firstMisses.map(({ stage, step }) => missKey(stage, step)))
  return build.steps.map((step, index) => {
    const [start, end] = times[index] ?? [null, null]
    return {
      stage: stageName(step, platforms.size > 1),
      label: stepLabel(step.name),
      kind: kindOf(step, missed.has(missKey(step.stage, step.name))),
      start: start === null ? null : seconds(start),
      seconds: secondsOf(step, start, end),
    }
  })
}

/** A step without its place in the Dockerfile: the lane says that. */
export function stepLabel(name: string): string {
  return short(stepName(name).replace(/^\[[^\]]{1,200}\] /, ''), 120)
}

/** One line that may stand in a picture: what XML cannot hold and what would draw outside its line is left out. */
export function short(text: string, most: number): string {
  const line = clean(text)
    .replace(/[\ufffe\uffff]|\p{M}{3,}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
  const characters = [...line]
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`
}

function missKey(stage: string | null, step: string): string {
  return `${stage ?? ''}\n${step}`
}

function stageName({ stage, platform }: Step, several: boolean): string {
  const name = stage ?? 'build'
  return short(several && platform !== null ? `${name} (${platform})` : name, 60)
}

function kindOf({ status }: Step, isFirstMiss: boolean): Piece['kind'] {
  if (status !== 'executed') return status
  return isFirstMiss ? 'first-miss' : 'ran'
}

/** Plain progress never says how long a failed step took; when it began and when it failed do. */
function secondsOf(step: Step, start: number | null, end: number | null): number | null {
  if (step.status === 'cached') return null
  if (step.seconds !== null) return seconds(step.seconds)
  return start === null || end === null ? null : seconds(end - start)
}
