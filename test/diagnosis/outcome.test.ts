import { describe, expect, test } from 'vitest'
import { logReader } from '../../src/build/read-log.ts'
import { failedSteps, outcomeOf, saysItFailed } from '../../src/diagnosis/outcome.ts'

function read(...lines: string[]) {
  const reader = logReader(() => undefined)
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  return reader.end()
}

const group = (name: string) => [`##[group]Run ${name}`, '##[endgroup]']
const exit = '##[error]Process completed with exit code 1.'
const green = [
  '#1 [1/2] FROM a',
  '#1 CACHED',
  '#2 [2/2] RUN x',
  '#2 DONE 1.0s',
  '#3 exporting to image',
  '#3 DONE 0.1s',
]
const red = [
  '#1 [1/2] FROM a',
  '#1 CACHED',
  '#2 [2/2] RUN x',
  '#2 ERROR: process "/bin/sh -c x" did not complete successfully: exit code: 1',
  '------',
  'ERROR: failed to build: failed to solve: process "/bin/sh -c x" did not complete successfully: exit code: 1',
]

describe('outside a job the last build decides', () => {
  test.each([
    ['a build that exported its image', 'succeeded', green],
    ['a build that ends with the last step of its last stage', 'succeeded', green.slice(0, 4)],
    ['a build that stops half-way', 'unknown', green.slice(0, 3)],
    ['a build whose export never ended', 'unknown', green.slice(0, 5)],
    ['a closing error', 'failed', red],
    ['a failed step without a closing error', 'failed', red.slice(0, 4)],
    ['a failed build, then a green one', 'succeeded', [...red, '', ...green]],
    ['a green build, then a failed one', 'failed', [...green, '', ...red]],
    ['a digest, all that --quiet prints', 'succeeded', [`sha256:${'a'.repeat(64)}`]],
    ['a digest among other words', 'unknown', [`sha256:${'a'.repeat(64)}`, 'deploying']],
    ['no build at all', 'unknown', ['hello']],
    ['nothing', 'unknown', []],
  ])('%s: %s', (_, outcome, lines) => {
    expect(outcomeOf(read(...lines))).toBe(outcome)
  })
})

describe('in a job the runner decides', () => {
  test.each([
    [
      'a green build, then a step that failed',
      'failed',
      [...group('docker build .'), ...green, ...group('npm test'), exit],
    ],
    ['a job that built nothing', 'succeeded', [...group('npm test'), 'ok', 'Post job cleanup.']],
    ['a job of which only the beginning is there', 'unknown', [...group('npm test'), 'ok']],
    ['a job that ran to its end', 'succeeded', [...group('docker build .'), ...green, 'Post job cleanup.']],
    ['a log that stops after a green build', 'succeeded', [...group('docker build .'), ...green]],
    ['a log that stops inside a build', 'unknown', [...group('docker build .'), ...green.slice(0, 3)]],
    ['a build that failed without a word of the runner', 'failed', [...group('./ci.sh'), ...red, 'Post job cleanup.']],
    [
      'a failed build that was retried with success',
      'succeeded',
      [...group('x'), ...red, '', ...green, 'Post job cleanup.'],
    ],
    ['an error of the cleaning up', 'succeeded', [...group('x'), ...green, 'Post job cleanup.', '##[error]cache']],
    ['a warning', 'succeeded', [...group('x'), ...green, '##[warning]Node 16 is old', 'Post job cleanup.']],
  ])('%s: %s', (_, outcome, lines) => {
    expect(outcomeOf(read(...lines))).toBe(outcome)
  })
})

describe('the steps that an error ended', () => {
  const names = (...lines: string[]) => failedSteps(read(...lines)).map(({ name }) => name)

  test('are not those that only annotate', () => {
    const lint = ['##[error]src/a.ts: unused', '##[error]src/b.ts: unused']
    expect(names(...group('lint'), ...lint, ...group('test'), exit, ...group('report'))).toEqual(['test'])
  })

  test('are the last that annotated, when nothing says more', () => {
    expect(names(...group('lint'), '##[error]a', ...group('publish'), '##[error]The tag exists already')).toEqual([
      'publish',
    ])
  })

  test.each([
    'Process completed with exit code 137.',
    'The operation was canceled.',
    'buildx failed with: ERROR: failed to solve: x',
    'buildx bake failed with: x',
    "The action 'Build' has timed out after 30 minutes.",
    'The runner has received a shutdown signal.',
    'Error: Cannot perform an interactive login from a non TTY device',
    "The process '/usr/bin/docker' failed with exit code 1",
    "Bash exited with code '1'.",
    'Script failed with exit code: 1',
  ])('%s', (text) => {
    expect(names(...group('a'), `##[error]${text}`, ...group('always'), 'x')).toEqual(['a'])
  })
})

describe('last words of whoever ran the builder', () => {
  test.each([
    'ERROR: Job failed: exit code 1',
    'Finished: FAILURE',
    "Build step 'Execute shell' marked build as failure",
    'Exited with code exit status 1',
    '🚨 Error: The command exited with status 2',
    'make[2]: *** [Makefile:3: image] Error 1',
    'npm ERR! Exit status 1',
    'exit status 2',
    'time="2024-05-01T12:00:00Z" level=fatal msg="exit status 1"'.slice(28),
    'ERROR: build step 0 "gcr.io/acme/docker" failed: step exited with non-zero status: 1',
    '[Container] 2024/05/01 12:00:00 Phase complete: BUILD State: FAILED',
    "##[error]Bash exited with code '1'.".slice(9),
    'BUILD FAILED in 3s',
  ])('%s', (text) => {
    expect(saysItFailed([{ text }, { text: 'Cleaning up' }])).toBe(true)
  })

  test.each(['exit status 0', 'Finished: SUCCESS', 'make: done', 'it says: exit status 1', 'Job succeeded'])(
    '%s says nothing of the kind',
    (text) => {
      expect(saysItFailed([{ text }])).toBe(false)
    },
  )
})
