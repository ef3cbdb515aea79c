import { describe, expect, test } from 'vitest'
import { missesOf, sha, type TwoBuilds } from './told-misses.ts'

/** Build arguments and the environment: in the key of every RUN from their line on, in that of COPY only where spelt. */

const from = (digest = 'a') => `[1/4] FROM docker.io/library/alpine:3@${sha(digest)}`
const log = (copy: string, run: string, last = 'RUN two') => `
  ${from()} | CACHED
  [2/4] COPY a a | ${copy}
  [3/4] RUN one | ${run}
  [4/4] ${last} | DONE 1.0s`
const lastRan = log('CACHED', 'CACHED')
const dockerfile = (...lines: string[]) => `FROM alpine:3\nCOPY a a\n${lines.join('\n')}\n`
const args = (now: Record<string, string>, before: Record<string, string>) => ({
  now: new Map(Object.entries(now)),
  before: new Map(Object.entries(before)),
})
const reason = (given: TwoBuilds) => missesOf(given).map(({ reason, certainty }) => `${reason} ${certainty}`)

describe('values that both builds tell', () => {
  const file = dockerfile('RUN one', 'ARG V', 'ARG REV', 'RUN two')
  test.each([
    [args({ V: '2' }, { V: '1' }), ['build-arg-changed high'], 'V'],
    [args({ V: '1', REV: 'b' }, { V: '1' }), ['build-arg-changed high'], 'REV'],
    [args({ SOURCE_DATE_EPOCH: '2' }, { SOURCE_DATE_EPOCH: '1' }), ['build-arg-changed high'], 'SOURCE_DATE_EPOCH'],
    [args({ OTHER: '2' }, { OTHER: '1' }), ['unknown low'], ''],
    [args({ V: '1', REV: 'b' }, { V: '1', REV: 'b' }), ['unknown low'], ''],
  ])('%o', (buildArgs, wanted, named) => {
    const told = missesOf({ dockerfile: file, log: lastRan, buildArgs })
    expect(told.map(({ reason, certainty }) => `${reason} ${certainty}`)).toEqual(wanted)
    expect(told[0]?.detail).toContain(named)
    expect(told[0]?.detail).not.toMatch(/\b[12]\b.*value/)
  })

  test('matter to no COPY that does not spell them', () => {
    const copied = `FROM alpine:3\nARG V\nCOPY a a\nRUN one\nRUN two\n`
    const told = reason({
      dockerfile: copied,
      log: log('DONE 0.1s', 'DONE 0.1s'),
      buildArgs: args({ V: '2' }, { V: '1' }),
      changed: 'a',
    })
    expect(told).toEqual(['file-changed high'])
  })

  test('in command lines that both logs echo', () => {
    const echoed = (value: string) =>
      `|##[group]Run docker/build-push-action@v6\n|##[endgroup]\n|[command]/usr/bin/docker buildx build --build-arg V=${value} .\n${lastRan.replaceAll(/^ +/gm, '')}`
    expect(reason({ dockerfile: file, log: echoed('2'), previous: echoed('1') })).toEqual(['build-arg-changed high'])
  })
})

describe('a value that nobody tells', () => {
  test('is what is left over, where nothing else that the step depends on differs', () => {
    const told = missesOf({ dockerfile: dockerfile('RUN one', 'ARG V', 'RUN two'), log: lastRan })
    expect(told).toMatchObject([
      { reason: 'build-arg-changed', certainty: 'medium', detail: expect.stringContaining('build argument V has') },
    ])
  })

  test('is none of an argument that a RUN before it had in scope, and was cached', () => {
    expect(reason({ dockerfile: dockerfile('ARG V', 'RUN one', 'RUN two'), log: lastRan })).toEqual(['unknown low'])
  })

  test('is not the platform, which stands in the key of everything', () => {
    const file = dockerfile('RUN one', 'ARG TARGETARCH', 'ARG TARGETPLATFORM', 'RUN two')
    expect(reason({ dockerfile: file, log: lastRan })).toEqual(['unknown low'])
  })

  test('is not claimed while the Dockerfile may have changed', () => {
    const file = dockerfile('RUN one', 'ARG V', 'ENV E=2', 'RUN two')
    const given = { dockerfile: file, previousDockerfile: null, log: lastRan, changed: 'Dockerfile' }
    expect(reason(given)).toEqual(['unknown low'])
    expect(reason({ ...given, changed: null })).toEqual(['unknown low'])
    expect(reason({ ...given, changed: 'src/a' })).toEqual(['build-arg-changed medium'])
  })

  test('is not claimed of a RUN that mounts files, while nobody knows which changed', () => {
    const file = dockerfile('RUN one', 'ARG V', 'RUN --mount=type=bind,source=s,target=/s two')
    const given = { dockerfile: file, log: log('CACHED', 'CACHED', 'RUN --mount=type=bind,source=s,target=/s two') }
    expect(reason({ ...given, changed: null })).toEqual(['unknown low'])
    expect(reason(given)).toEqual(['build-arg-changed medium'])
  })

  test('is not claimed without a build before', () => {
    expect(reason({ dockerfile: dockerfile('RUN one', 'ARG V', 'RUN two'), log: lastRan, previous: null })).toEqual([
      'unknown low',
    ])
  })

  test('shows in the name of the step', () => {
    const file = dockerfile('RUN one', 'ARG V', 'COPY dist-$V dist')
    const now = log('CACHED', 'CACHED', 'COPY dist-2 dist')
    const told = missesOf({ dockerfile: file, log: now, previous: now.replace('dist-2', 'dist-1') })
    expect(told).toMatchObject([{ reason: 'build-arg-changed', certainty: 'high' }])
    expect(told[0]?.detail).toContain('the step reads "COPY dist-2 dist", before "COPY dist-1 dist"')
  })

  test('counts in a stage that is built on the one that declares it', () => {
    const file = 'FROM alpine:3 AS base\nARG V\nFROM base AS app\nRUN two\n'
    const told = missesOf({
      dockerfile: file,
      log: `[base 1/1] FROM docker.io/library/alpine:3@${sha('a')} | CACHED\n[app 1/1] RUN two | DONE 1.0s`,
      buildArgs: args({ V: '2' }, { V: '1' }),
    })
    expect(told).toMatchObject([{ reason: 'build-arg-changed', certainty: 'high' }])
  })
})

describe('edits of what is inherited', () => {
  test.each<[string, string[], string[], string, string]>([
    [
      'the default of an ARG',
      ['RUN one', 'ARG V=2', 'RUN two'],
      ['RUN one', 'ARG V=1', 'RUN two'],
      'build-arg-changed',
      'Dockerfile:4: the default of ARG V was edited',
    ],
    [
      'an ENV that is new',
      ['RUN one', 'ENV A=1', 'RUN two'],
      ['RUN one', 'RUN two'],
      'env-changed',
      'Dockerfile:4: ENV A was edited',
    ],
    [
      'an ENV that is gone',
      ['RUN one', 'RUN two'],
      ['RUN one', 'ENV A=1', 'RUN two'],
      'env-changed',
      'Dockerfile:4: ENV A was edited',
    ],
    [
      'one of two ENV',
      ['RUN one', 'ENV A=1 B=2', 'RUN two'],
      ['RUN one', 'ENV A=1 B=1', 'RUN two'],
      'env-changed',
      'ENV B was edited',
    ],
    [
      'USER',
      ['RUN one', 'USER node', 'RUN two'],
      ['RUN one', 'USER root', 'RUN two'],
      'instruction-changed',
      'Dockerfile:4: USER was edited',
    ],
    [
      'SHELL',
      ['RUN one', 'SHELL ["bash", "-c"]', 'RUN two'],
      ['RUN one', 'RUN two'],
      'instruction-changed',
      'Dockerfile:4: SHELL was added',
    ],
  ])('%s', (_, now, before, wanted, detail) => {
    const told = missesOf({
      dockerfile: dockerfile(...now),
      previousDockerfile: dockerfile(...before),
      log: lastRan,
      changed: 'Dockerfile',
    })
    expect(told).toMatchObject([{ reason: wanted, detail: expect.stringContaining(detail), certainty: 'high' }])
  })

  test('USER counts for WORKDIR, which makes the folder for them, and not for COPY', () => {
    const given = (step: string): TwoBuilds => ({
      dockerfile: dockerfile('RUN one', 'USER node', step),
      previousDockerfile: dockerfile('RUN one', 'USER root', step),
      log: log('CACHED', 'CACHED', step),
      changed: 'Dockerfile',
    })
    expect(reason(given('WORKDIR /app'))).toEqual(['instruction-changed high'])
    expect(reason(given('COPY b b'))).toEqual(['unknown low'])
  })

  test.each([
    ['LABEL', ['RUN one', 'LABEL v=2', 'RUN two'], ['RUN one', 'LABEL v=1', 'RUN two']],
    ['CMD', ['RUN one', 'RUN two', 'CMD a'], ['RUN one', 'RUN two', 'CMD b']],
    ['a comment', ['RUN one', '# two', 'RUN two'], ['RUN one', '# one', 'RUN two']],
    ['an instruction behind it', ['RUN one', 'RUN two', 'ENV A=1'], ['RUN one', 'RUN two']],
    [
      'what a heredoc of another stage says',
      ['RUN one', 'RUN two', 'FROM x', 'RUN <<E', 'a', 'E'],
      ['RUN one', 'RUN two', 'FROM x', 'RUN <<E', 'b', 'E'],
    ],
  ])('%s is in no key', (_, now, before) => {
    const told = missesOf({
      dockerfile: dockerfile(...now),
      previousDockerfile: dockerfile(...before),
      log: lastRan.replaceAll(/^ +\[/gm, now.includes('FROM x') ? '[stage-0 ' : '['),
      changed: 'Dockerfile',
    })
    expect(told).toMatchObject([{ reason: 'unknown' }])
  })
})
