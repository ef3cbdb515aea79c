import { expect, test } from 'vitest'
import type { KeptBuild, KeptStep } from '../../src/cache/kept-build.ts'
import { lint } from '../../src/lint/lint.ts'
import { builtWith, filesOf } from './support.ts'

const Dockerfile =
  'FROM node:22 AS deps\nCOPY . .\nRUN npm ci\nFROM node:22\nCOPY --from=deps /node_modules .\nRUN npm test\n'
const files = filesOf({ Dockerfile, '.dockerignore': '.git\n' }, ['package.json', 'a.js'])

const step = (seconds: number | null, more: Partial<KeptStep> = {}): Partial<KeptStep> => ({
  ...{ name: '[deps 3/3] RUN npm ci', stage: 'deps', seconds, ...more },
})

const costIn = (...history: KeptBuild[]) => lint(files, { history }).findings[0]?.cost

test('is the average over the builds that ran the step', () => {
  expect(costIn(builtWith(step(40)), builtWith(step(50.5)), builtWith(step(0, { status: 'cached' })))).toEqual({
    ...{ secondsPerBuild: 45.3, builds: 2 },
  })
})

test('of platforms side by side the slowest counts', () => {
  expect(costIn(builtWith(step(40, { platform: 'linux/amd64' }), step(90, { platform: 'linux/arm64' })))).toMatchObject(
    {
      secondsPerBuild: 90,
    },
  )
})

test('other steps, other words and other stages are not counted', () => {
  const others = [
    step(9, { name: '[deps 3/3] RUN npm install' }),
    step(9, { name: '[stage-1 3/3] RUN npm test', stage: 'stage-1' }),
  ]
  expect(costIn(builtWith(...others))).toBeNull()
  expect(costIn()).toBeNull()
})
