import type { BuildSummary } from '../diagnosis/explanation.ts'

type Step = BuildSummary['steps'][number]

/** A line of a step table. */
export type StepRow = {
  step: Step
  isFirstMiss: boolean
  /** the first misses, and what failed */
  mark: '→' | '✗' | ' '
  word: string
  /** `211.7 s`; empty where nothing was measured */
  seconds: string
}

/**
 * The steps stage by stage, each in the order of the Dockerfile: logs mix stages that ran side by side. The stage that
 * ended last comes last, it is mostly the one that the others were built for.
 */
export function stepRows({ steps, firstMisses }: BuildSummary): StepRow[] {
  const missed = new Set(firstMisses.map(({ stage, step }) => `${stage}\n${step}`))
  return stages(steps)
    .flat()
    .map((step) => {
      const isFirstMiss = missed.has(`${step.stage}\n${step.name}`)
      return {
        step,
        isFirstMiss,
        mark: step.status === 'failed' ? '✗' : isFirstMiss ? '→' : ' ',
        word: isBase(step) ? 'base' : statusWords[step.status],
        seconds: step.seconds === null ? '' : `${step.seconds.toFixed(1)} s`,
      }
    })
}

function stages(steps: Step[]): Step[][] {
  const groups = Map.groupBy(steps, ({ stage, platform }) => `${platform}\n${stage}`)
  return [...groups.values()]
    .sort((one, other) => lastOf(steps, one) - lastOf(steps, other))
    .map((group) => group.toSorted((one, other) => ordinal(one) - ordinal(other)))
}

function lastOf(steps: Step[], group: Step[]): number {
  const last = group.at(-1)
  return last ? steps.lastIndexOf(last) : -1
}

/** 3 of `[linux/amd64 deps 3/4] COPY …`; steps without a number stay where they are. */
function ordinal({ name }: Step): number {
  return Number(/^\[[^\]]{0,200}?(\d{1,5})\/\d{1,5}\] /.exec(name)?.[1] ?? 0)
}

/** A FROM line that says DONE has looked its image up, and at most fetched it: nothing was built. */
function isBase({ name, status }: Step): boolean {
  return status === 'executed' && /^(?:\[[^\]]{0,200}\] |Step \d+\/\d+ : )?FROM\b/i.test(name)
}

export const statusWords = {
  cached: 'cached',
  executed: 'ran',
  failed: 'FAILED',
  canceled: 'canceled',
  unfinished: 'unfinished',
} as const
