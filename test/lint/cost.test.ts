import { expect, test } from 'vitest'
import type { KeptBuild, KeptStep } from '../../src/cache/kept-build.ts'
import { lint } from '../../src/lint/lint.ts'
import { filesOf } from './support.ts'

const Dockerfile =
  'FROM node:22 AS deps\nCOPY . .\nRUN npm ci\nFROM node:22\nCOPY --from=deps /node_modules .\nRUN npm test\n'
const files = filesOf({ Dockerfile, '.dockerignore': '.git\n' }, ['package.json', 'a.js'])

const step = (seconds: number | null, more: Partial<KeptStep> = {}): KeptStep => ({
  ...{ name: '[deps 3/3] RUN npm ci', stage: 'deps', platform: null, status: 'executed', seconds, ...more },
})

const build = (...steps: KeptStep[]): KeptBuild => ({
  ...{ repository: 'acme/web', workflow: 'CI', jobName: 'build', series: '', branch: 'main', event: 'push', ref: null },
  ...{ sha: 'a'.repeat(40), runId: 1, attempt: 1, jobId: 1, index: 0, at: new Date(0), outcome: 'succeeded' },
  ...{ hitRate: null, seconds: null, cached: 0, executed: 1, steps, firstMisses: [], imports: [], exports: [] },
})

const costIn = (...history: KeptBuild[]) => lint(files, { history }).findings[0]?.cost

test('is the average over the builds that ran the step', () => {
  expect(costIn(build(step(40)), build(step(50.5)), build(step(0, { status: 'cached' })))).toEqual({
    ...{ secondsPerBuild: 45.3, builds: 2 },
  })
})

test('of platforms side by side the slowest counts', () => {
  expect(costIn(build(step(40, { platform: 'linux/amd64' }), step(90, { platform: 'linux/arm64' })))).toMatchObject({
    secondsPerBuild: 90,
  })
})

test('other steps, other words and other stages are not counted', () => {
  const others = [
    step(9, { name: '[deps 3/3] RUN npm install' }),
    step(9, { name: '[stage-1 3/3] RUN npm test', stage: 'stage-1' }),
  ]
  expect(costIn(build(...others))).toBeNull()
  expect(costIn()).toBeNull()
})
