import { expect, test } from 'vitest'
import { type MissReason, missReasons } from '../../src/cache/miss.ts'
import type { BuildSummary } from '../../src/diagnosis/explanation.ts'
import { printMessage } from '../../src/playground/print-thread.ts'
import { sayBuilds } from '../../src/thread/build-blocks.ts'
import { cacheVerdict, lostOf, reasonSentences } from '../../src/thread/miss-wording.ts'
import { buildLines } from '../../src/thread/terminal-build.ts'
import { took } from '../../src/thread/took.ts'

type Miss = BuildSummary['firstMisses'][number]

const step = (name: string, seconds: number | null, more: Partial<BuildSummary['steps'][number]> = {}) => ({
  ...{ vertex: null, name, stage: /^\[(\w+)/.exec(name)?.[1] ?? null, platform: null },
  ...{ status: seconds === null ? ('cached' as const) : ('executed' as const), seconds, ...more },
})
const miss = (name: string, secondsLost: number, more: Partial<Miss> = {}): Miss => ({
  ...{ stage: /^\[(\w+)/.exec(name)?.[1] ?? null, step: name, reason: 'file-changed' as MissReason, files: [] },
  ...{ detail: '', expected: true, secondsLost, certainty: 'high' as const, ...more },
})
const files = Array.from({ length: 42 }, (_, index) => `web/src/file${index}.ts`)
const copied = '[builder 2/3] COPY . .'
const taken = '[runner 2/2] COPY --from=builder /app/dist /srv'
const rooted = `${files[0]} and 41 more changed`
const follows = `stage builder was built anew from ${copied} on, and this step copies from it: ${rooted}`

/** As a log tells it: stages mixed, the one that follows first. */
const build: BuildSummary = {
  ...{ builder: 'buildkit', from: 'log', target: null, cached: 2, executed: 3, hitRate: 0.4, imports: [], exports: [] },
  steps: [
    step('[runner 1/2] FROM nginx', 0),
    step('[builder 1/3] WORKDIR /app', null),
    step(copied, 0.2),
    step('[builder 3/3] RUN yarn build', 71.8),
    step(taken, 0.3),
    step('[deps 1/1] RUN yarn install', null),
  ],
  firstMisses: [
    miss(taken, 0.3, { reason: 'upstream-stage-changed', detail: follows, files, expected: false }),
    miss(copied, 72, { files, detail: rooted }),
  ],
  fixes: ['a', 'b', 'c'].map((rule) => ({
    ...{ rule, file: 'web/Dockerfile', line: 3, why: 'An install needs only manifest and lock file.' },
    diff: `--- a/web/Dockerfile\n+++ b/web/Dockerfile\n@@ -1 +1 @@\n-COPY . .\n+COPY ${'x'.repeat(300)}\n`,
  })),
}

test('every reason has a sentence of its own, without our own words for it', () => {
  expect(Object.keys(reasonSentences)).toEqual([...missReasons])
  expect(new Set(Object.values(reasonSentences)).size).toBe(missReasons.length)
  for (const reason of missReasons) expect(reasonSentences[reason]).not.toMatch(/[a-z]-[a-z]+-|scope|vertex|layer/)
})

test('at a terminal: stage by stage, causes before what follows, long lists folded', () => {
  expect(buildLines({ ...build, fixes: build.fixes.slice(0, 1) }).join('\n')).toMatchInlineSnapshot(`
    "
      Build (buildkit): 2 cached, 3 ran, hit rate 40 %
        cached          [builder 1/3] WORKDIR /app
      → ran      0.2 s  [builder 2/3] COPY . .
        ran     71.8 s  [builder 3/3] RUN yarn build
        base     0.0 s  [runner 1/2] FROM nginx
      → ran      0.3 s  [runner 2/2] COPY --from=builder /app/dist /srv
        cached          [deps 1/1] RUN yarn install

      First misses (→): lost 72 s of 72 s, 0.3 s of it not expected
      1. builder: a file that this step copies has changed [file-changed]
         [builder 2/3] COPY . .
         web/src/file0.ts and 41 more changed
         Cost 72 s, expected, certainty high
      2. runner: the stage that this step takes from was built anew [upstream-stage-changed]
         [runner 2/2] COPY --from=builder /app/dist /srv
         stage builder was built anew from [builder 2/3] COPY . . on, and this step copies from it
         Cost 0.3 s, not expected, certainty high

      Fix: web/Dockerfile:3  [a]
      An install needs only manifest and lock file.
        --- a/web/Dockerfile
        +++ b/web/Dockerfile
        @@ -1 +1 @@
        -COPY . .
        +COPY xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
  `)
})

test('in Slack: the cached counted, two fixes shown and the rest counted', () => {
  const { above, below } = sayBuilds([build], 'builds', 9_000)
  expect(below).toEqual([])
  expect(printMessage({ ts: '', text: '', blocks: above })).toMatchInlineSnapshot(`
    "Build (buildkit): 2 cached, 3 ran, 40 % from cache
          2 steps from the cache
        → ran        0.2 s  [builder 2/3] COPY . .
          ran       71.8 s  [builder 3/3] RUN yarn build
        → ran        0.3 s  [runner 2/2] COPY --from=builder /app/dist /srv

    First misses: lost 72 s of 72 s, 0.3 s of it not expected
    • builder: a file that this step copies has changed: \`[builder 2/3] COPY . .\`
    web/src/file0.ts and 41 more changed · _cost 72 s, expected, certainty high_
    • runner: the stage that this step takes from was built anew: \`[runner 2/2] COPY --from=builder /app/dist /srv\`
    stage builder was built anew from [builder 2/3] COPY . . on, and this step copies from it · _cost 0.3 s, not expected, certainty high_

    Fix in \`web/Dockerfile:3\`: An install needs only manifest and lock file.
        --- a/web/Dockerfile
        +++ b/web/Dockerfile
        @@ -1 +1 @@
        -COPY . .
        +COPY xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx … xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx

    Fix in \`web/Dockerfile:3\`: An install needs only manifest and lock file.
        --- a/web/Dockerfile
        +++ b/web/Dockerfile
        @@ -1 +1 @@
        -COPY . .
        +COPY xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx … xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx

    and 1 more fix; all of them: \`layerwise debug\`"
  `)
})

test('what does not fit above stands below, and of a failure all of it does', () => {
  const all = sayBuilds([build], 'failure', 9_000).below.map(({ block_id }) => block_id)
  expect(all).toEqual(['build-0', 'misses-0', 'fix-0-0', 'fix-0-1', 'fixes-0'])
  const { above, below } = sayBuilds([build], 'cache', 900)
  expect([...above, ...below].map(({ block_id }) => block_id).toSorted()).toEqual(all.toSorted())
  expect(above.map(({ block_id }) => block_id)).not.toContain('build-0')
})

test('no line of steps and misses is wider than 120 columns', () => {
  const wide = `[builder 2/3] RUN ${'x'.repeat(500)}`
  const misses = [miss(wide, 1, { detail: `${'y'.repeat(400)} ${'word '.repeat(200)}`, files: [`${'z'.repeat(300)}`] })]
  const lines = buildLines({ ...build, steps: [step(wide, 1)], firstMisses: misses, fixes: [] })
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
})

test.each([
  [[miss(copied, 72), miss(taken, 0.3)], 'lost 72 s of 72 s, all of it expected'],
  [[miss(copied, 72), miss(taken, 0.3, { expected: false })], 'lost 72 s of 72 s, 0.3 s of it not expected'],
  [[miss(taken, 0.3, { expected: false })], 'lost 0.3 s of 72 s, none of it expected'],
  [[miss(taken, 0, { expected: null })], 'they cost next to nothing'],
  [[{ ...miss(taken, 0), secondsLost: null }], 'what they cost was not measured'],
])('what was lost is said: %#', (firstMisses, words) => expect(lostOf({ ...build, firstMisses })).toBe(words))

test('how the cache fared in a green build', () => {
  const failed = { type: 'gha' as const, ref: '', ok: false, error: 'no' }
  expect(cacheVerdict([{ ...build, imports: [failed] }])).toBe('but a cache could not be loaded or saved')
  expect(cacheVerdict([build])).toBe('but its cache was missed once without need')
  expect(cacheVerdict([{ ...build, firstMisses: [] }])).toBe('and nothing is wrong with its cache')
})

test.each([
  [0, 'under 0.1 s'],
  [9.94, '9.9 s'],
  [9.97, '10 s'],
  [72, '72 s'],
  [212, '3 min 32 s'],
  [3_840, '1 h 4 min'],
])('%d seconds are %s', (seconds, words) => expect(took(seconds)).toBe(words))
