import { describe, expect, test } from 'vitest'
import type { Miss } from '../../src/cache/miss.ts'
import { missReasons } from '../../src/cache/miss.ts'
import { missesOf, sha, type TwoBuilds } from './told-misses.ts'

/** One of each reason of the contract, with all that is told of it. */

const web = `
  FROM node:22 AS deps
  WORKDIR /app
  COPY package.json yarn.lock ./
  RUN yarn install
  FROM node:22 AS build
  ARG API_URL
  WORKDIR /app
  COPY --from=deps /app/node_modules node_modules
  COPY src src
  RUN yarn build
`
const node = `docker.io/library/node:22@${sha('a')}`

/** All of it came from the cache, but for the steps that are named. */
function webLog(...ran: string[]): string {
  const steps = [
    `[deps 1/4] FROM ${node}`,
    '[deps 2/4] WORKDIR /app',
    '[deps 3/4] COPY package.json yarn.lock ./',
    '[deps 4/4] RUN yarn install',
    '[build 3/5] COPY --from=deps /app/node_modules node_modules',
    '[build 4/5] COPY src src',
    '[build 5/5] RUN yarn build',
  ]
  return steps.map((step) => `${step} | ${ran.some((one) => step.includes(one)) ? 'DONE 2.5s' : 'CACHED'}`).join('\n')
}
const all = ['2/', '3/', '4/', '5/']
const job = (log: string, command = 'docker buildx build .') => `
|##[group]Run docker/build-push-action@v6
|##[endgroup]
|[command]/usr/bin/${command}
${log}`

const cases: [Miss['reason'], TwoBuilds, Partial<Miss>][] = [
  [
    'file-changed',
    { dockerfile: web, log: webLog('COPY src', 'yarn build'), changed: 'src/a.ts\ndocs/b.md' },
    {
      stage: 'build',
      step: '[build 4/5] COPY src src',
      files: ['src/a.ts'],
      detail: 'src/a.ts changed',
      expected: true,
      secondsLost: 5,
      certainty: 'high',
    },
  ],
  [
    'file-metadata-changed',
    { dockerfile: web, log: webLog('COPY src', 'yarn build'), changed: 'src/run.sh (mode only)' },
    { files: ['src/run.sh'], detail: 'src/run.sh: other permission bits, same content', certainty: 'high' },
  ],
  [
    'remote-file-changed',
    {
      dockerfile: 'FROM alpine\nADD https://acme.dev/tool /tool\n',
      log: '[1/2] FROM docker.io/library/alpine | CACHED\n[2/2] ADD https://acme.dev/tool /tool | DONE 1.0s',
      previous: `[1/2] FROM docker.io/library/alpine | CACHED\n[2/2] ADD https://acme.dev/tool /tool | CACHED`,
      cache: {},
    },
    {
      stage: null,
      files: [],
      detail: 'https://acme.dev/tool has other content, or another time of last change, than before',
      certainty: 'medium',
    },
  ],
  [
    'instruction-changed',
    {
      dockerfile: web,
      previousDockerfile: web.replace('RUN yarn install', 'RUN yarn install --prod'),
      log: webLog('yarn install'),
      previous: webLog('yarn install').replace('yarn install', 'yarn install --prod'),
      changed: 'Dockerfile',
    },
    {
      step: '[deps 4/4] RUN yarn install',
      detail: 'Dockerfile:4: RUN was edited',
      expected: true,
      secondsLost: 2.5,
      certainty: 'high',
    },
  ],
  [
    'build-arg-changed',
    {
      dockerfile: web,
      log: webLog('yarn build'),
      buildArgs: { now: new Map([['API_URL', 'b']]), before: new Map([['API_URL', 'a']]) },
    },
    { detail: 'build argument API_URL has another value than before', expected: true, certainty: 'high' },
  ],
  [
    'env-changed',
    {
      dockerfile: 'FROM alpine\nENV LEVEL=2\nCOPY a a\nRUN make\n',
      previousDockerfile: 'FROM alpine\nENV LEVEL=1\nCOPY a a\nRUN make\n',
      log: '[1/3] FROM docker.io/library/alpine | CACHED\n[2/3] COPY a a | CACHED\n[3/3] RUN make | DONE 1.0s',
      changed: 'Dockerfile',
    },
    { detail: 'Dockerfile:2: ENV LEVEL was edited', expected: true, certainty: 'high' },
  ],
  [
    'base-image-moved',
    {
      dockerfile: 'FROM alpine\nRUN make\n',
      log: `[1/2] FROM docker.io/library/alpine@${sha('b')} | DONE 0.1s\n[2/2] RUN make | DONE 1.0s`,
      previous: `[1/2] FROM docker.io/library/alpine@${sha('a')} | DONE 0.1s\n[2/2] RUN make | DONE 1.0s`,
    },
    {
      detail: 'docker.io/library/alpine moved from sha256:aaaaaaaaaaaa to sha256:bbbbbbbbbbbb',
      expected: true,
      certainty: 'high',
    },
  ],
  [
    'upstream-stage-changed',
    {
      dockerfile: web,
      log: webLog('COPY package.json', 'yarn install', '[build 3', '[build 4', '[build 5'),
      changed: 'yarn.lock',
    },
    {
      step: '[build 3/5] COPY --from=deps /app/node_modules node_modules',
      files: ['yarn.lock'],
      detail:
        'stage deps was built anew from [deps 3/4] COPY package.json yarn.lock ./ on, and this step copies from it: yarn.lock changed',
      expected: true,
      certainty: 'high',
    },
  ],
  [
    'parent-step-changed',
    {
      dockerfile: 'FROM alpine AS a\nCOPY x x\nRUN one\nFROM alpine AS b\nCOPY x x\nRUN two\n',
      log: `
[a 1/3] FROM docker.io/library/alpine@${sha('a')} | CACHED
[a 2/3] COPY x x | DONE 0.1s
[a 3/3] RUN one | DONE 0.1s
[b 3/3] RUN two | DONE 0.1s`,
      changed: 'x',
    },
    { step: '[b 3/3] RUN two', files: ['x'], detail: 'follows [a 2/3] COPY x x: x changed', certainty: 'high' },
  ],
  [
    'first-build',
    { dockerfile: web, log: webLog(...all), previous: '' },
    { detail: 'no build before this one is known', expected: true, certainty: 'high' },
  ],
  [
    'no-cache-requested',
    { dockerfile: web, log: job(webLog(...all), 'docker buildx build --no-cache .') },
    { detail: 'the build was started with --no-cache', expected: true, certainty: 'high' },
  ],
  [
    'pruned',
    { dockerfile: web, log: webLog(...all) },
    {
      detail: 'the build before left its layers with the builder, and none is there any more',
      expected: false,
      certainty: 'medium',
    },
  ],
  [
    'cache-not-configured',
    { dockerfile: web, log: job(webLog(...all)) },
    {
      detail: 'no cache was imported, and the builder had none of its own: a runner that starts empty, or was cleaned',
      expected: false,
      certainty: 'medium',
    },
  ],
  [
    'cache-import-not-found',
    {
      dockerfile: web,
      log: `importing cache manifest from ghcr.io/acme/web:cache | ERROR: failed to configure registry cache importer: ghcr.io/acme/web:cache: not found\n${webLog(...all)}`,
    },
    { detail: 'there is no cache at ghcr.io/acme/web:cache', expected: false, certainty: 'high' },
  ],
  [
    'cache-import-failed',
    {
      dockerfile: web,
      log: `importing cache manifest from ghcr.io/acme/web:cache | ERROR: failed to do request: EOF\n${webLog(...all)}`,
    },
    {
      detail: 'importing from ghcr.io/acme/web:cache failed: failed to do request: EOF',
      expected: false,
      certainty: 'high',
    },
  ],
  [
    'not-exported',
    {
      dockerfile: web,
      log: `importing cache manifest from ghcr.io/acme/web:cache | DONE 0.1s\n${webLog('[deps 2', '[deps 3', '[deps 4')}`,
      cache: { exports: [{ type: 'registry', scope: null, ref: 'ghcr.io/acme/web:cache', mode: 'min' }] },
    },
    {
      stage: 'deps',
      detail:
        'the imported cache has no layers of this stage: .github/workflows/ci.yml:9 exports with mode=min, which keeps those of the last stage only',
      expected: false,
      certainty: 'high',
    },
  ],
  [
    'evicted',
    {
      dockerfile: web,
      log: `importing cache manifest from gha:1 | DONE 0.1s\n${webLog(...all)}`,
      previous: `importing cache manifest from gha:1 | DONE 0.1s\n${webLog(...all)}\nexporting to GitHub Actions Cache | DONE 1.0s`,
      cache: { imports: [{ type: 'gha', scope: 'web', ref: null, mode: null }], held: 'nothing' },
    },
    {
      detail:
        'the build before wrote its layers to the GitHub cache, scope web, and GitHub holds nothing of it any more',
      expected: false,
      certainty: 'high',
    },
  ],
  [
    'scope-overwritten',
    {
      dockerfile: web,
      log: `importing cache manifest from gha:1 | DONE 0.1s\n${webLog(...all)}`,
      cache: {
        imports: [{ type: 'gha', scope: 'buildkit', ref: null, mode: null }],
        rivals: ['the build of api (.github/workflows/ci.yml:31)'],
      },
    },
    {
      detail:
        'the build of api (.github/workflows/ci.yml:31) writes to the GitHub cache, scope buildkit too; the last one wins',
      expected: false,
      certainty: 'high',
    },
  ],
  [
    'scope-unreachable',
    {
      dockerfile: web,
      log: `importing cache manifest from gha:1 | DONE 0.1s\n${webLog(...all)}`,
      cache: { imports: [{ type: 'gha', scope: 'web', ref: null, mode: null }], held: 'only-on-other-refs' },
    },
    {
      detail: 'the GitHub cache, scope web was written on a branch that this run may not read',
      expected: false,
      certainty: 'high',
    },
  ],
  [
    'unknown',
    { dockerfile: web, log: webLog('yarn install'), changed: 'docs/a.md', buildArgs: null },
    { step: '[deps 4/4] RUN yarn install', files: [], expected: null, certainty: 'low' },
  ],
]

test('every reason of the contract has a case here', () => {
  expect(cases.map(([reason]) => reason)).toEqual(missReasons)
})

describe('the first of the misses is', () => {
  test.each(cases)('%s', (reason, given, told) => {
    const misses = missesOf(given)
    const miss = misses.find(({ step }) => told.step === undefined || step === told.step)
    expect(miss).toMatchObject({ reason, ...told })
  })
})

test.each(cases)('%s has an expectation only where a page tells of triggers', (_, given) => {
  expect(missesOf({ ...given, triggers: 'none' }).every(({ expected }) => expected === null)).toBe(true)
})
