import { describe, expect, test } from 'vitest'
import { explainText } from '../../src/diagnosis/explain.ts'
import type { BuildSummary } from '../../src/diagnosis/explanation.ts'

const noPages = { runbooks: [], rows: new Map() }

function builds(...lines: string[]): BuildSummary[] {
  return explainText(lines.join('\n'), noPages).builds
}

const missesOf = (...lines: string[]) => builds(...lines).flatMap((build) => build.firstMisses)
const named = (...lines: string[]) => missesOf(...lines).map(({ stage, step }) => [stage, step])

/** A vertex with its state. */
const vertex = (number: number, name: string, state: string) => [`#${number} ${name}`, `#${number} ${state}`, '']

describe('the first miss of a stage', () => {
  test('is the first step that ran, not its consequences', () => {
    expect(
      named(
        ...vertex(4, '[deps 1/4] FROM docker.io/library/node:22', 'DONE 0.0s'),
        ...vertex(5, '[deps 2/4] WORKDIR /app', 'CACHED'),
        ...vertex(6, '[deps 3/4] COPY package.json yarn.lock ./', 'DONE 0.1s'),
        ...vertex(7, '[deps 4/4] RUN yarn install', 'DONE 60.0s'),
      ),
    ).toEqual([['deps', '[deps 3/4] COPY package.json yarn.lock ./']])
  })

  test('follows the order of the Dockerfile, not that of the log', () => {
    expect(
      named(
        ...vertex(7, '[deps 4/4] RUN yarn install', 'DONE 60.0s'),
        ...vertex(6, '[deps 3/4] COPY package.json ./', 'DONE 0.1s'),
      ),
    ).toEqual([['deps', '[deps 3/4] COPY package.json ./']])
  })

  test('is told for each stage and each platform', () => {
    expect(
      named(
        ...vertex(5, '[linux/amd64 build 2/2] RUN make', 'DONE 1.0s'),
        ...vertex(6, '[linux/arm64 build 2/2] RUN make', 'DONE 9.0s'),
        ...vertex(7, '[linux/amd64 stage-1 2/2] COPY --from=build /a /a', 'CACHED'),
        ...vertex(8, '[linux/arm64 stage-1 2/2] COPY --from=build /a /a', 'DONE 0.1s'),
      ),
    ).toEqual([
      ['build', '[linux/amd64 build 2/2] RUN make'],
      ['build', '[linux/arm64 build 2/2] RUN make'],
      ['stage-1', '[linux/arm64 stage-1 2/2] COPY --from=build /a /a'],
    ])
  })

  test('can be a step that failed or was canceled', () => {
    expect(
      named(...vertex(5, '[a 2/2] RUN one', 'CANCELED'), ...vertex(6, '[b 2/2] RUN two', 'ERROR: exit code: 1')),
    ).toEqual([
      ['a', '[a 2/2] RUN one'],
      ['b', '[b 2/2] RUN two'],
    ])
  })

  test('is never a FROM, a layer only fetched, or a step that never ended', () => {
    expect(
      named(
        ...vertex(4, '[1/4] FROM docker.io/library/node:22', 'DONE 3.0s'),
        '#5 [2/4] RUN a',
        '#5 sha256:aa 1MB / 1MB 0.1s done',
        '#5 DONE 0.3s',
        '#6 [3/4] RUN b',
      ),
    ).toEqual([])
  })

  test('of the classic builder stands under the name its FROM gives', () => {
    expect(
      named(
        'Step 1/5 : FROM golang AS build',
        ' ---> a606584aa9aa',
        'Step 2/5 : RUN go build',
        ' ---> Using cache',
        ' ---> a606584aa9ab',
        'Step 3/5 : FROM alpine',
        ' ---> a606584aa9ac',
        'Step 4/5 : COPY --from=build /app /app',
        ' ---> a606584aa9ad',
        'Step 5/5 : CMD ["/app"]',
        ' ---> Running in a606584aa9ae',
        ' ---> a606584aa9af',
        'Successfully built a606584aa9af',
      ),
    ).toEqual([['stage-1', 'COPY --from=build /app /app']])
  })
})

test('a build of one stage has no name for it', () => {
  const classic = ['Step 1/2 : FROM alpine', ' ---> a606584aa9aa', 'Step 2/2 : RUN make', ' ---> a606584aa9ab']
  expect(named(...classic, 'Successfully built a606584aa9ab')).toEqual([[null, 'RUN make']])
})

test('what it cost is all that ran after it in its stage', () => {
  const [miss] = missesOf(
    ...vertex(6, '[deps 3/5] COPY package.json ./', 'DONE 0.1s'),
    ...vertex(7, '[deps 4/5] RUN yarn install', 'DONE 60.3s'),
    ...vertex(8, '[other 2/2] RUN sleep 100', 'DONE 100.0s'),
    ...vertex(9, '[deps 5/5] RUN yarn build', 'CANCELED'),
  )
  expect(miss?.secondsLost).toBe(60.4)
})

test('a log alone seldom proves a reason, and then says what would', () => {
  const [miss] = missesOf(
    ...vertex(5, '[2/3] WORKDIR /app', 'CACHED'),
    ...vertex(6, '[3/4] RUN make', 'CACHED'),
    ...vertex(7, '[4/4] RUN make test', 'DONE 0.1s'),
  )
  expect(miss).toMatchObject({ reason: 'unknown', certainty: 'low', expected: null, files: [] })
  expect(miss?.detail).toBe(
    'to decide it needs the log of the build before, both Dockerfiles, the build arguments of both builds',
  )
})

test('nothing imported and nothing found: there was no cache to hit', () => {
  const [miss] = missesOf(...vertex(6, '[2/2] RUN make', 'DONE 0.1s'))
  expect(miss).toMatchObject({ reason: 'cache-not-configured', certainty: 'medium', expected: null })
})

describe('--no-cache', () => {
  const job = (command: string) =>
    missesOf(
      '##[group]Run docker/build-push-action@v6',
      '##[endgroup]',
      `[command]/usr/bin/docker buildx build ${command} .`,
      ...vertex(6, '[2/2] RUN make', 'DONE 0.1s'),
    ).map(({ reason, certainty }) => [reason, certainty])

  test('on the command line is the reason', () => {
    expect(job('--no-cache --tag a')).toEqual([['no-cache-requested', 'high']])
  })

  test('for one stage says nothing of the others', () => {
    expect(job('--no-cache-filter deps')).toEqual([['cache-not-configured', 'high']])
  })
})

test('a secret in the name of a step is masked', () => {
  const [miss] = missesOf(...vertex(6, '[2/2] RUN curl -u x https://robot:hunter22@acme.dev', 'DONE 0.1s'))
  expect(miss?.step).toBe('[2/2] RUN curl -u x https://***@acme.dev')
})
