import { describe, expect, test } from 'vitest'
import { planWaterfall } from '../../src/chart/plan.ts'
import { altText } from '../../src/chart/sentence.ts'
import type { Waterfall } from '../../src/chart/waterfall.ts'
import type { BuildSummary } from '../../src/diagnosis/explanation.ts'
import type { StepTimes } from '../../src/diagnosis/summarise.ts'
import { build, large, step } from './builds.ts'

function plan(build: BuildSummary, times: StepTimes = []): Waterfall {
  const waterfall = planWaterfall(build, times, 'acme/web')
  if (!waterfall) throw new Error('nothing to draw')
  return waterfall
}

const small = () =>
  build(
    [
      step('[app 1/5] FROM alpine', { status: 'cached', seconds: null }),
      step('[app 2/5] WORKDIR /app', { status: 'cached', seconds: null }),
      step('[app 3/5] COPY . .', { seconds: 0.5 }),
      step('[app 4/5] RUN yarn build', { seconds: 41 }),
      step('[app 5/5] RUN yarn test', { status: 'failed', seconds: null }),
      step('[docs 1/1] RUN mkdocs', { stage: 'docs', seconds: 16.5 }),
    ],
    ['[app 3/5] COPY . .'],
  )
const clock: StepTimes = [
  [0, 0],
  [0, 0],
  [1, 1.5],
  [1.5, 42.5],
  [42.5, 58],
  [5, 21.5],
]

describe('a build whose clock is known', () => {
  test('has its bars where the steps began, the cached ones folded', () => {
    expect(plan(small(), clock)).toMatchObject({
      by: 'clock',
      totalSeconds: 58,
      lanes: [
        {
          stage: 'app',
          bars: [
            { label: '2 cached', start: 0, seconds: 0, kind: 'cached' },
            { label: 'COPY . .', start: 1, seconds: 0.5, kind: 'first-miss' },
            { label: 'RUN yarn build', start: 1.5, seconds: 41, kind: 'ran' },
            { label: 'RUN yarn test', start: 42.5, seconds: 15.5, kind: 'failed' },
          ],
        },
        { stage: 'docs', bars: [{ label: 'RUN mkdocs', start: 5, seconds: 16.5, kind: 'ran' }] },
      ],
      note: '',
    })
  })

  test('is told in a sentence that says the same', () => {
    expect(plan(small(), clock).sentence).toBe(
      '2 of 6 steps came from the cache; RUN yarn build took 41 s of 58 s; RUN yarn test failed after 16 s; first miss: COPY . .',
    )
    expect(altText(plan(small(), clock))).toBe(
      'Waterfall of acme/web. 2 of 6 steps came from the cache; RUN yarn build took 41 s of 58 s; RUN yarn test failed after 16 s; first miss: COPY . .. app: 2 cached, COPY . . 0.5 s, first miss, RUN yarn build 41 s, RUN yarn test failed after 16 s. docs: RUN mkdocs 17 s.',
    )
  })
})

describe('a build without a clock', () => {
  test('has the steps of a stage one after the other, and says so', () => {
    const { by, lanes, totalSeconds, note, sentence } = plan(small())
    expect({ by, totalSeconds }).toEqual({ by: 'order', totalSeconds: 58 })
    expect(lanes[0]?.bars.map(({ label, start }) => [label, start])).toEqual([
      ['2 cached', 0],
      ['COPY . .', 0],
      ['RUN yarn build', 0.5],
    ])
    expect(lanes[1]?.bars).toMatchObject([{ start: 0 }])
    expect(note).toBe(
      'Not drawn: 1 step without a measured time. Order only: times are as measured, when a step began is not known; stages may overlap.',
    )
    expect(sentence).toContain('RUN yarn build took 41 s of 58 s measured; RUN yarn test failed; first miss')
  })
})

test.each([
  ['no steps', []],
  ['two measured steps', [step('a'), step('b'), step('c', { status: 'cached', seconds: null })]],
  ['only cached steps', Array.from({ length: 9 }, () => step('a', { status: 'cached', seconds: null }))],
])('a build with %s is not drawn', (_, steps) => {
  expect(planWaterfall(build(steps), [], 'acme/web')).toBeNull()
})

describe('a large build', () => {
  test('shows what failed, what was missed and what took longest, and sums the rest', () => {
    const { build, times } = large()
    const { lanes, note } = plan(build, times)
    const bars = lanes.flatMap(({ bars }) => bars)
    expect(lanes).toHaveLength(10)
    expect(bars.filter(({ kind }) => kind === 'first-miss')).toHaveLength(10)
    expect(bars.filter(({ kind }) => kind === 'failed')).toHaveLength(1)
    expect(bars.filter(({ kind }) => kind === 'cached').map(({ label }) => label)).toEqual(Array(10).fill('3 cached'))
    expect(bars.length).toBeLessThanOrEqual(48)
    const sum = bars.reduce((total, { seconds }) => total + seconds, 0)
    const measured = build.steps.reduce((total, { seconds }) => total + (seconds ?? 0), 0)
    expect(sum).toBeCloseTo(measured, 1)
    expect(note).toMatch(/^\d+ quick steps are summed as “more”\.$/)
    expect(altText(plan(build, times)).length).toBeLessThanOrEqual(1_900)
  })

  test('of many stages keeps the longest ones, and puts the idle ones together', () => {
    const steps = Array.from({ length: 40 }, (_, index) =>
      step(`[s${index} 1/1] RUN make`, {
        stage: `s${index}`,
        ...(index < 20 ? { status: 'cached' as const, seconds: null } : { seconds: index }),
      }),
    )
    const { lanes } = plan(build(steps))
    expect(lanes).toHaveLength(14)
    expect(lanes.at(-1)).toMatchObject({ stage: '20 stages', bars: [{ label: '20 cached' }] })
    expect(lanes.at(-2)).toMatchObject({ stage: '8 more stages' })
  })

  test('for several platforms has a lane for each', () => {
    const steps = ['linux/amd64', 'linux/arm64'].flatMap((platform) =>
      ['a', 'b'].map((name) => step(`[${platform} app 1/2] RUN ${name}`, { platform })),
    )
    expect(plan(build(steps)).lanes.map(({ stage }) => stage)).toEqual(['app (linux/amd64)', 'app (linux/arm64)'])
  })
})
