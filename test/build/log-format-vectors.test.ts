import { describe, expect, test } from 'vitest'
import type { PlacedLine } from '../../src/build/place.ts'
import { logReader } from '../../src/build/read-log.ts'
import { explainText } from '../../src/diagnosis/explain.ts'

/** The test vectors of log-formats §12 that no log of the fixtures holds: what BuildKit and the runner may print. */
function read(...lines: string[]) {
  const placed: PlacedLine[] = []
  const reader = logReader((line) => placed.push(line))
  reader.feed(Buffer.from(lines.join('\n')))
  const { builds, jobSteps } = reader.end()
  return {
    builds,
    jobSteps,
    steps: builds.flatMap((build) => [...build.vertices.values()].map(({ text, status }) => [text, status])),
    said: placed.map(({ place, vertex, text }) => [place, vertex?.text ?? null, text]),
  }
}

const outcome = (...lines: string[]) => explainText(lines.join('\n'), { runbooks: [], rows: new Map() }).outcome
const stamp = '2024-10-14T16:27:10.9337273Z '

test('a line that BuildKit printed in part and, after another vertex, whole', () => {
  const { steps, said } = read(
    '#5 [web 2/2] RUN npm ci',
    '#5 0.482 added 12',
    '#5 ...',
    '',
    '#6 [api 2/2] RUN make',
    '#6 0.511 cc main.c',
    '#6 DONE 0.6s',
    '',
    '#5 [web 2/2] RUN npm ci',
    '#5 0.482 added 12 packages',
    '#5 DONE 1.4s',
  )
  expect(steps).toEqual([
    ['[web 2/2] RUN npm ci', 'done'],
    ['[api 2/2] RUN make', 'done'],
  ])
  expect(said).toContainEqual(['step', '[web 2/2] RUN npm ci', 'added 12 packages'])
})

test('a progress bar leaves lines without a prefix, and they are the step’s', () => {
  const { said } = read(
    `${stamp}#5 [2/2] RUN pip install -r requirements.txt`,
    `${stamp}#5 1.023  10% |###       |`,
    `${stamp} 60% |######    |`,
    `${stamp}100% |##########|`,
    `${stamp}#5 DONE 2.0s`,
  )
  expect(said.map(([place, vertex]) => [place, vertex])).toEqual(
    Array(3).fill(['step', '[2/2] RUN pip install -r requirements.txt']),
  )
})

test('a byte-order mark where the runner began a new page', () => {
  const { steps } = read(
    `\ufeff${stamp}#5 [2/2] RUN make`,
    `${stamp}#5 0.1 cc`,
    `\ufeff${stamp}#5 0.2 ld`,
    `\ufeff${stamp}#5 DONE 0.3s`,
  )
  expect(steps).toEqual([['[2/2] RUN make', 'done']])
})

test('an annotation that goes on in lines without a time is no output of a step', () => {
  const { jobSteps, said } = read(
    `${stamp}##[group]Run docker/build-push-action@v6`,
    `${stamp}##[endgroup]`,
    `${stamp}#5 [2/2] RUN make`,
    `${stamp}#5 0.1 cc`,
    `${stamp}##[error]buildx failed with: ERROR: first line`,
    'second line',
    'third line',
  )
  expect(jobSteps[0]?.errors.map(({ text }) => text)).toEqual(['buildx failed with: ERROR: first line'])
  expect(said.filter(([, , text]) => /second|third/.test(text ?? '')).map(([place]) => place)).not.toContain('step')
})

const importFailed = [
  '#2 importing cache manifest from ghcr.io/acme/web:cache',
  '#2 ERROR: failed to configure registry cache importer: ghcr.io/acme/web:cache: not found',
]
const importBlock = ['------', ' > importing cache manifest from ghcr.io/acme/web:cache:', '------']

describe('a cache that could not be imported', () => {
  test('does not fail the build', () => {
    expect(
      outcome(
        ...importFailed,
        '',
        '#3 [2/2] RUN make',
        '#3 DONE 1.0s',
        '',
        '#4 exporting to image',
        '#4 DONE 0.1s',
        ...importBlock,
      ),
    ).toBe('succeeded')
  })

  test('is not what fails it when something else does', () => {
    const { builds, steps } = read(
      ...importFailed,
      '',
      '#3 [2/2] RUN make',
      '#3 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2',
      ...importBlock,
      '------',
      ' > [2/2] RUN make:',
      '------',
      'ERROR: failed to build: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
    )
    expect(steps[1]).toEqual(['[2/2] RUN make', 'failed'])
    expect(builds[0]?.finalError?.text).toContain('exit code: 2')
  })
})

test('an error of three lines, of which the annotation quotes the advice', () => {
  const { builds } = read(
    '#0 building with "default" instance using docker driver',
    'ERROR: failed to build: Cache export is not supported for the docker driver.',
    'Switch to a different driver, or turn on the containerd image store, and try again.',
    'Learn more at https://docs.docker.com/go/build-cache-backends/',
    '##[error]buildx failed with: Learn more at https://docs.docker.com/go/build-cache-backends/',
  )
  expect(builds).toHaveLength(1)
  expect(builds[0]?.finalError?.text.split('\n')).toHaveLength(3)
})

test('an export with ignore-error=true fails, and the build does not', () => {
  const lines = [
    '#3 [2/2] RUN make',
    '#3 DONE 1.0s',
    '',
    '#4 exporting to image',
    '#4 DONE 0.1s',
    '',
    '#5 exporting to GitHub Actions Cache',
    '#5 ERROR: error writing layer blob: failed to copy: failed to send write: 429 Too Many Requests',
    '------',
    ' > exporting to GitHub Actions Cache:',
    '------',
  ]
  expect(outcome(...lines)).toBe('succeeded')
  const { builds } = explainText(lines.join('\n'), { runbooks: [], rows: new Map() })
  expect(builds[0]?.exports.map(({ type, ok }) => [type, ok])).toEqual([['gha', false]])
})

test('since v0.28 the cache is exported beside the image, and its failure cancels the push', () => {
  const lines = [
    '#3 [2/2] RUN make',
    '#3 DONE 1.0s',
    '',
    '#4 exporting to image',
    '#4 pushing layers 0.2s done',
    '#4 ...',
    '',
    '#5 exporting cache to registry',
    '#5 preparing build cache for export done',
    '#5 sending cache export 0.1s done',
    '#5 ERROR: error writing layer blob: denied: permission_denied: write_package',
    '',
    '#4 exporting to image',
    '#4 CANCELED',
    '------',
    ' > exporting cache to registry:',
    '------',
    'ERROR: failed to build: failed to solve: error writing layer blob: denied: permission_denied: write_package',
  ]
  const { steps, builds } = read(...lines)
  expect(steps).toEqual([
    ['[2/2] RUN make', 'done'],
    ['exporting to image', 'canceled'],
    ['exporting cache to registry', 'failed'],
  ])
  expect(builds).toHaveLength(1)
  expect(outcome(...lines)).toBe('failed')
})

test('output that was clipped, and its tail', () => {
  const { steps, said } = read(
    '#5 [2/2] RUN make test',
    '#5 1.000 test 1 ok',
    '#5 1.001 ',
    '#5 1.001 [output clipped, log limit 2MiB reached]',
    '#5 99.12 test 9 failed',
    '#5 ERROR: process "/bin/sh -c make test" did not complete successfully: exit code: 1',
  )
  expect(steps).toEqual([['[2/2] RUN make test', 'failed']])
  expect(said).toContainEqual(['step', '[2/2] RUN make test', 'test 9 failed'])
})

test.each(['0.482', '10.000', '99.99', '100.00', '1234.5', '-0.003'])('%s is a time', (time) => {
  const { said } = read('#5 [2/2] RUN make', `#5 ${time} cc main.c`)
  expect(said).toEqual([['step', '[2/2] RUN make', 'cc main.c']])
})

test('an error page of several lines is one error', () => {
  const { steps, builds, said } = read(
    '#3 [internal] load metadata for docker.io/library/node:22',
    '#3 ERROR: unexpected status from HEAD request: 429 Too Many Requests',
    '<html>',
    '<head><title>429 Too Many Requests</title></head>',
    '</html>',
    '------',
    ' > [internal] load metadata for docker.io/library/node:22:',
    '------',
    'ERROR: failed to build: failed to solve: node:22: unexpected status: 429 Too Many Requests',
    '<html>',
    '</html>',
  )
  expect(steps).toEqual([['[internal] load metadata for docker.io/library/node:22', 'failed']])
  expect(builds[0]?.finalError?.text.split('\n')).toHaveLength(3)
  expect(said.filter(([, , text]) => text === '<html>').map(([place]) => place)).toEqual(['metadata', 'error'])
})

test.each([' > RUN npm ci:', '> [web] RUN npm ci:', ' > /bin/sh -c npm ci:'])(
  'a quotation under "%s" is the output of a step, though its position is missing',
  (title) => {
    const { said } = read(
      title,
      '#9 3.214 npm error code ENOSPC',
      '------',
      'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 228',
    )
    expect(said[0]).toEqual(['step', title.replace(/^ ?> |:$/g, ''), 'npm error code ENOSPC'])
  },
)
