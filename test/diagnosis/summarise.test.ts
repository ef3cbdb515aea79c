import { describe, expect, test } from 'vitest'
import { explainText } from '../../src/diagnosis/explain.ts'

const noPages = { runbooks: [], rows: new Map() }
const summaries = (...lines: string[]) => explainText(lines.join('\n'), noPages).builds
const vertex = (number: number, name: string, ...states: string[]) => [
  `#${number} ${name}`,
  ...states.map((state) => `#${number} ${state}`),
  '',
]

describe('steps are counted as the contract says', () => {
  const [build] = summaries(
    ...vertex(1, '[internal] load build definition from Dockerfile', 'DONE 0.0s'),
    ...vertex(2, '[auth] library/node:pull token for registry-1.docker.io', 'DONE 0.0s'),
    ...vertex(3, 'importing cache manifest from gha:9112', 'DONE 0.3s'),
    ...vertex(4, '[1/7] FROM docker.io/library/node:22', 'CACHED'),
    ...vertex(5, '[2/7] WORKDIR /app', 'CACHED'),
    ...vertex(6, '[3/7] COPY package.json ./', 'CACHED'),
    ...vertex(7, '[4/7] RUN npm ci', 'DONE 31.5s'),
    ...vertex(8, '[5/7] COPY . .', 'DONE 0.2s'),
    ...vertex(9, '[6/7] RUN npm run build', 'ERROR: process "/bin/sh -c npm run build" did not complete'),
    ...vertex(10, '[7/7] RUN npm prune', 'CANCELED'),
  )

  test('internal vertices are none', () => {
    expect(build?.steps.map(({ vertex }) => vertex)).toEqual(['#4', '#5', '#6', '#7', '#8', '#9', '#10'])
  })

  test('FROM counts when cached, and never as executed', () => {
    expect([build?.cached, build?.executed]).toEqual([3, 4])
    const [pulled] = summaries(...vertex(4, '[1/1] FROM docker.io/library/node:22', 'DONE 3.0s'))
    expect([pulled?.cached, pulled?.executed, pulled?.hitRate]).toEqual([0, 0, null])
  })

  test('the hit rate is that of RUN, COPY and ADD', () => {
    expect(build?.hitRate).toBeCloseTo(1 / 5)
  })

  test('seconds are those of steps that ran', () => {
    expect(build?.steps.map(({ seconds }) => seconds)).toEqual([null, null, null, 31.5, 0.2, null, null])
  })
})

test('a bake is one summary for each target, what they share is told once', () => {
  const builds = summaries(
    ...vertex(1, 'importing cache manifest from gha:1', 'DONE 0.1s'),
    ...vertex(2, '[web internal] load build definition from Dockerfile', 'DONE 0.0s'),
    ...vertex(3, '[api internal] load build definition from Dockerfile', 'DONE 0.0s'),
    ...vertex(4, '[web builder 2/2] RUN yarn build', 'DONE 2.0s'),
    ...vertex(5, '[api builder 2/2] RUN cargo build', 'CACHED'),
    ...vertex(6, '[web] exporting to image', 'DONE 0.2s'),
    ...vertex(7, '[api] exporting cache to GitHub Actions Cache', 'DONE 0.2s'),
  )
  expect(
    builds.map(({ target, steps, imports, exports }) => [
      target,
      steps.map(({ stage, status }) => `${stage} ${status}`),
      imports.length,
      exports.length,
    ]),
  ).toEqual([
    ['web', ['builder executed'], 1, 0],
    ['api', ['builder cached'], 0, 1],
  ])
})

test('several builds of a job are several summaries, in order, each with the target of its command', () => {
  const builds = summaries(
    '##[group]Run ./ci.sh',
    '##[endgroup]',
    '[command]/usr/bin/docker buildx build --target deps .',
    ...vertex(1, '[internal] load build definition from Dockerfile', 'DONE 0.0s'),
    ...vertex(4, '[deps 2/2] RUN a', 'DONE 1.0s'),
    '[command]/usr/bin/docker buildx build --target=app .',
    ...vertex(1, '[internal] load build definition from Dockerfile', 'DONE 0.0s'),
    ...vertex(4, '[deps 2/2] RUN a', 'CACHED'),
  )
  expect(builds.map(({ target, cached, executed }) => [target, cached, executed])).toEqual([
    ['deps', 0, 1],
    ['app', 1, 0],
  ])
})

test('imports and exports say what happened to them', () => {
  const [build] = summaries(
    ...vertex(4, '[1/1] FROM docker.io/library/node:22', 'DONE 0.1s'),
    ...vertex(5, 'importing cache manifest from ghcr.io/acme/web:cache', 'ERROR: ghcr.io/acme/web:cache: not found'),
    ...vertex(6, 'importing cache manifest from gha:1', 'DONE 0.1s'),
    ...vertex(7, 'exporting to image', 'preparing layers for inline cache 0.0s done', 'DONE 0.2s'),
    ...vertex(8, 'exporting cache to registry', 'preparing build cache for export'),
  )
  expect(build?.imports).toEqual([
    { type: 'registry', ref: 'ghcr.io/acme/web:cache', ok: false, error: 'ghcr.io/acme/web:cache: not found' },
    { type: 'gha', ref: 'gha:1', ok: true, error: null },
  ])
  expect(build?.exports).toEqual([
    { type: 'registry', ref: '', ok: false, error: 'did not finish' },
    { type: 'inline', ref: '', ok: true, error: null },
  ])
})
