import { describe, expect, test } from 'vitest'
import { logReader } from '../../src/build/read-log.ts'
import { dockerfileLine, type Failure, findFailure, markedInstruction } from '../../src/diagnosis/failure.ts'
import { outcomeOf } from '../../src/diagnosis/outcome.ts'

function failureOf(...lines: string[]): Failure | null {
  const reader = logReader(() => undefined)
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  const reading = reader.end()
  return findFailure(reading, outcomeOf(reading))
}

const failedStep = (...lines: string[]) => failureOf(...lines)?.vertex?.text ?? null
const group = (name: string) => [`##[group]Run ${name}`, '##[endgroup]']
const exit = '##[error]Process completed with exit code 1.'
const processOf = (command: string) => `process "/bin/sh -c ${command}" did not complete successfully: exit code: 1`
const closing = (error: string) => ['------', `ERROR: failed to build: failed to solve: ${error}`]

describe('the fatal vertex', () => {
  test('is the one that the closing error quotes, not the last that failed', () => {
    expect(
      failedStep(
        '#4 [a 2/2] RUN one',
        `#4 ERROR: ${processOf('one')}`,
        '#5 [b 2/2] RUN two',
        `#5 ERROR: ${processOf('two')}`,
        ...closing(processOf('one')),
      ),
    ).toBe('[a 2/2] RUN one')
  })

  test('is not one that was canceled', () => {
    expect(
      failedStep(
        '#4 [a 2/2] RUN one',
        `#4 ERROR: ${processOf('one')}`,
        '#5 [b 2/2] RUN two',
        '#5 CANCELED',
        '#6 [c 2/2] RUN three',
        '#6 ERROR: failed to solve: context canceled',
        ...closing(processOf('one')),
      ),
    ).toBe('[a 2/2] RUN one')
  })

  test('is never a failed cache import', () => {
    expect(
      failedStep(
        '#4 importing cache manifest from ghcr.io/acme/web:cache',
        '#4 ERROR: ghcr.io/acme/web:cache: not found',
        '#5 [2/2] RUN one',
        `#5 ERROR: ${processOf('one')}`,
        ...closing(processOf('one')),
      ),
    ).toBe('[2/2] RUN one')
  })

  test('is the export of the cache where that ended the build', () => {
    const denied = 'failed to push ghcr.io/acme/web:cache: denied'
    expect(failedStep('#9 exporting cache to registry', `#9 ERROR: ${denied}`, ...closing(denied))).toBe(
      'exporting cache to registry',
    )
  })

  test('of two with the same error is that of the target the error names', () => {
    expect(
      failedStep(
        '#4 [web 2/2] RUN make',
        `#4 ERROR: ${processOf('make')}`,
        '#5 [api 2/2] RUN make',
        `#5 ERROR: ${processOf('make')}`,
        '------',
        `ERROR: target api: failed to solve: ${processOf('make')}`,
      ),
    ).toBe('[api 2/2] RUN make')
  })

  test('is the one that the excerpt marks where the error quotes none', () => {
    const rule = '-'.repeat(20)
    expect(
      failedStep(
        '#4 [a 2/2] COPY one .',
        '#4 ERROR: failed to calculate checksum of ref x: "/one": not found',
        '#5 [b 2/2] COPY two .',
        '#5 ERROR: failed to calculate checksum of ref y: "/two": not found',
        'Dockerfile:2',
        rule,
        '   2 | >>> COPY one .',
        rule,
        'ERROR: failed to build: failed to solve: failed to compute cache key',
      ),
    ).toBe('[a 2/2] COPY one .')
  })

  test('is the step still writing in a log that lost its middle', () => {
    expect(failedStep('#7 [2/2] RUN make', '#7 0.3 cc main.c', '', ...closing(processOf('make')))).toBe(
      '[2/2] RUN make',
    )
  })

  test('is none when the build was canceled from outside', () => {
    const lines = [
      '#7 [2/2] RUN make',
      '#7 0.3 cc',
      '#7 CANCELED',
      'ERROR: failed to build: failed to solve: Canceled: context canceled',
    ]
    expect(failureOf(...lines)).toMatchObject({ vertex: null, build: { builder: 'buildkit' } })
  })
})

describe('what failed in a job', () => {
  const build = (command: string, ok: boolean) => [
    '#1 [internal] load build definition from Dockerfile',
    '#1 DONE 0.0s',
    '#2 [1/2] FROM a',
    '#2 CACHED',
    `#3 [2/2] RUN ${command}`,
    ...(ok
      ? ['#3 DONE 1.0s', '#4 exporting to image', '#4 DONE 0.1s', '']
      : [`#3 ERROR: ${processOf(command)}`, ...closing(processOf(command)), '']),
  ]

  test('is nothing when it ended well', () => {
    expect(failureOf(...group('docker build .'), ...build('a', true), 'Post job cleanup.')).toBeNull()
    expect(failureOf('hello')).toMatchObject({ build: null, jobStep: null, vertex: null })
  })

  test('is the build of the step that failed, not one before that was allowed to fail', () => {
    const failure = failureOf(
      ...group('docker build a || true'),
      ...build('a', false),
      ...group('docker build b'),
      ...build('b', false),
      exit,
    )
    expect(failure?.jobStep?.name).toBe('docker build b')
    expect(failure?.vertex?.text).toBe('[2/2] RUN b')
  })

  test('is the last of several builds of that step', () => {
    expect(failedStep(...group('ci.sh'), ...build('a', false), ...build('b', false), exit)).toBe('[2/2] RUN b')
  })

  test('is no build that was retried with success', () => {
    const failure = failureOf(...group('retry docker build .'), ...build('a', false), ...build('a', true), exit)
    expect(failure).toMatchObject({ build: null, vertex: null, jobStep: { name: 'retry docker build .' } })
  })

  test('is no build when a test failed after it', () => {
    const failure = failureOf(...group('docker build .'), ...build('a', true), ...group('npm test'), '1 failing', exit)
    expect(failure).toMatchObject({ build: null, vertex: null, jobStep: { name: 'npm test' } })
  })

  test('is the build that ran when the job was stopped', () => {
    const failure = failureOf(
      ...group('docker build .'),
      '#3 [2/2] RUN sleep 9999',
      '#3 0.1 still here',
      '##[error]The operation was canceled.',
    )
    expect(failure).toMatchObject({ build: { builder: 'buildkit' }, vertex: null })
  })
})

test('the excerpt gives the line of the Dockerfile and its instruction', () => {
  const rule = '-'.repeat(20)
  const failure = failureOf(
    '#4 [2/2] RUN make a',
    `#4 ERROR: ${processOf('make a')}`,
    'Dockerfile:7',
    rule,
    '   6 |     WORKDIR /app',
    '   7 | >>> RUN make \\',
    '   8 | >>>     a',
    rule,
    `ERROR: failed to build: failed to solve: ${processOf('make a')}`,
  )
  expect(dockerfileLine(failure?.build ?? null)).toBe(7)
  expect(markedInstruction(failure?.build ?? null)).toBe('RUN make \\ a')
  expect(dockerfileLine(null)).toBeNull()
  expect(markedInstruction(null)).toBe('')
})

describe('a build whose closing error is not in the log', () => {
  const build = ['Step 2/2 : RUN make', ' ---> Running in 991d98c78f23', 'Killed']

  test('failed in the step that was writing when Docker says that it failed', () => {
    expect(failedStep(...build, "##[error]The process '/usr/bin/docker' failed with exit code 137")).toBe('RUN make')
  })

  test('did not when it was stopped', () => {
    expect(failedStep(...build, '##[error]The operation was canceled.')).toBeNull()
  })
})

test('a command is told behind the words of the solver too', () => {
  expect(
    failureOf('#0 7.9 E: gone', 'failed to solve: executor failed running [/bin/sh -c make]: exit code: 100')?.vertex,
  ).not.toBeNull()
})
