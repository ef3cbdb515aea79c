import type { BuildSummary } from '../../src/diagnosis/explanation.ts'
import type { StepTimes } from '../../src/diagnosis/summarise.ts'

type Step = BuildSummary['steps'][number]

export function step(name: string, over: Partial<Step> = {}): Step {
  return { vertex: null, name, stage: 'app', platform: null, status: 'executed', seconds: 1, ...over }
}

export function build(steps: Step[], missed: string[] = []): BuildSummary {
  return {
    builder: 'buildkit',
    from: 'log',
    target: null,
    steps,
    cached: 0,
    executed: 0,
    hitRate: null,
    imports: [],
    exports: [],
    firstMisses: steps
      .filter(({ name }) => missed.includes(name))
      .map(({ name, stage, seconds }) => ({
        ...{ stage, step: name, reason: 'unknown' as const, files: [], detail: '' },
        ...{ expected: null, secondsLost: seconds, certainty: 'low' as const },
      })),
    fixes: [],
  }
}

/** Ten stages of ten steps, the first three of each cached, the last one failed. */
export function large(): { build: BuildSummary; times: StepTimes } {
  const steps: Step[] = []
  const times: StepTimes = []
  for (let stage = 0; stage < 10; stage++) {
    let at = stage
    for (let number = 0; number < 10; number++) {
      const cached = number < 3
      const seconds = cached ? null : ((stage * 7 + number * 13) % 40) + 0.5
      const status = cached ? 'cached' : stage === 9 && number === 9 ? 'failed' : 'executed'
      steps.push(
        step(`[stage${stage} ${number + 1}/10] RUN step ${number}`, { stage: `stage${stage}`, status, seconds }),
      )
      times.push([at, at + (seconds ?? 0)])
      at += seconds ?? 0
    }
  }
  return {
    build: build(
      steps,
      steps.filter((_, index) => index % 10 === 3).map(({ name }) => name),
    ),
    times,
  }
}
