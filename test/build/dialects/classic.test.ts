import { describe, expect, test } from 'vitest'
import { commandIn, readStepLine, saysSuccess } from '../../../src/build/dialects/classic.ts'
import type { PlacedLine } from '../../../src/build/place.ts'
import { logReader } from '../../../src/build/read-log.ts'

function read(...lines: string[]) {
  const placed: PlacedLine[] = []
  const reader = logReader((line) => placed.push(line))
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  const { builds } = reader.end()
  const steps = builds.flatMap((build) => [...build.vertices.values()].map(({ text, status }) => [text, status]))
  return { builds, steps, said: placed.map(({ place, vertex, text }) => [place, vertex?.text ?? null, text]) }
}

test.each([
  ['Step 3/7 : COPY . .', 'classic', '3', false, 'COPY . .'],
  ['Step 1 : FROM alpine', 'classic', '1', true, 'FROM alpine'],
  ['STEP 1/4: FROM docker.io/library/alpine', 'buildah', '1.1', true, 'FROM docker.io/library/alpine'],
  ['[2/2] STEP 1/4: FROM scratch', 'buildah', '2.1', false, 'FROM scratch'],
])('%s is a step', (text, builder, position, first, instruction) => {
  expect(readStepLine(text)).toMatchObject({ builder, step: { position, first, instruction } })
})

test.each(['Step 3: install', ' Step 1/2 : FROM a', 'STEP one', 'step 1/2 : x'])('%s is none', (text) => {
  expect(readStepLine(text)).toBeNull()
})

describe('the classic builder', () => {
  test('a green build: what was cached, what ran', () => {
    const { builds, steps } = read(
      'Step 1/4 : FROM alpine AS build',
      ' ---> a606584aa9aa',
      'Step 2/4 : WORKDIR /app',
      ' ---> Using cache',
      ' ---> e053bdf65f04',
      'Step 3/4 : COPY . .',
      ' ---> c80a64fac6a6',
      'Step 4/4 : RUN make',
      ' ---> Running in 991d98c78f23',
      'cc main.c',
      'Removing intermediate container 991d98c78f23',
      ' ---> 0d1b1b1a2f3c',
      'Successfully built 0d1b1b1a2f3c',
      'Successfully tagged acme/web:latest',
    )
    expect(steps).toEqual([
      ['FROM alpine AS build', 'done'],
      ['WORKDIR /app', 'cached'],
      ['COPY . .', 'done'],
      ['RUN make', 'done'],
    ])
    expect(builds.map(({ succeeded, finalError }) => [succeeded, finalError])).toEqual([[true, null]])
  })

  test('a failed command is the error of the step that ran', () => {
    const { builds, steps, said } = read(
      'Step 1/2 : FROM alpine',
      ' ---> a606584aa9aa',
      'Step 2/2 : RUN yarn build',
      ' ---> Running in 991d98c78f23',
      'error Command failed with exit code 2.',
      "The command '/bin/sh -c yarn build' returned a non-zero code: 2",
    )
    expect(steps.at(-1)).toEqual(['RUN yarn build', 'failed'])
    expect(builds[0]?.finalError?.line).toBe(6)
    expect(said).toContainEqual(['step', 'RUN yarn build', 'error Command failed with exit code 2.'])
    expect(said.at(-1)?.[0]).toBe('error')
  })

  test('a pull that fails is the failure of its FROM', () => {
    const { steps } = read('Step 1/2 : FROM acme/nope', 'pull access denied for acme/nope, repository does not exist')
    expect(steps).toEqual([['FROM acme/nope', 'failed']])
  })

  test('a COPY without its file', () => {
    const { steps } = read(
      'Step 1/2 : FROM alpine',
      ' ---> a606584aa9aa',
      'Step 2/2 : COPY nope .',
      'COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist',
    )
    expect(steps.at(-1)).toEqual(['COPY nope .', 'failed'])
  })

  test('two builds are two', () => {
    const one = ['Step 1/1 : FROM alpine', ' ---> a606584aa9aa', 'Successfully built a606584aa9aa']
    expect(read(...one, ...one).builds.map(({ succeeded }) => succeeded)).toEqual([true, true])
  })

  test('a log cut at its head still knows the command that failed', () => {
    const { steps, said } = read(
      'npm error code ENOSPC',
      "The command '/bin/sh -c npm ci' returned a non-zero code: 228",
    )
    expect(steps).toEqual([['RUN npm ci', 'failed']])
    expect(said).toContainEqual(['step', 'RUN npm ci', 'npm error code ENOSPC'])
  })
})

test('podman: stages, cached layers and its error', () => {
  const { builds, steps } = read(
    '[1/2] STEP 1/2: FROM docker.io/library/golang AS build',
    '[1/2] STEP 2/2: RUN go build ./...',
    '--> Using cache 0a1b2c3d4e5f6a7b',
    '--> 0a1b2c3d4e5f',
    '[2/2] STEP 1/2: FROM docker.io/library/alpine',
    '[2/2] STEP 2/2: COPY --from=build /app /app',
    'Error: building at STEP "COPY --from=build /app /app": no such file or directory',
  )
  expect(builds.map(({ builder }) => builder)).toEqual(['buildah'])
  expect(steps.map(([, status]) => status)).toEqual(['done', 'cached', 'done', 'failed'])
})

test.each([
  ["The command '/bin/sh -c npm ci && npm test' returned a non-zero code: 1", 'npm ci && npm test'],
  ["failed to build: The command '/bin/sh -c make' returned a non-zero code: 2", 'make'],
  ['something else', ''],
])('the command in "%s"', (text, command) => {
  expect(commandIn(text)).toBe(command)
})

test.each([
  ['Successfully built 0d1b1b1a2f3c', true],
  ['Successfully tagged acme/web:1', true],
  // setuptools says so too
  ['Successfully built acme-1.0.tar.gz and acme-1.0-py3-none-any.whl', false],
  ['Successfully installed acme-1.0', false],
])('%s: the image is built? %s', (text, built) => {
  expect(saysSuccess(text)).toBe(built)
})

describe('a step that prints nothing of its own', () => {
  const from = ['Step 1/3 : FROM alpine', ' ---> a606584aa9aa']

  test.each([
    ['COPY shop.conf /etc/', 'lstat shop.conf: no such file or directory'],
    ['WORKDIR /srv/shop', 'mkdir /srv: not a directory'],
    ['USER shop', 'unable to find user shop: no matching entries in passwd file'],
    ['ADD https://acme.example/a.tgz /', 'Got HTTP status code >= 400: 404 Not Found'],
    ['CMD ["run"', 'unknown instruction or bad quoting'],
  ])('%s: words of trouble below it are its error', (instruction, text) => {
    const { builds, steps, said } = read(
      ...from,
      `Step 2/3 : ${instruction}`,
      text,
      'and how it came about',
      '',
      'later',
    )
    expect(steps.at(-1)).toEqual([instruction, 'failed'])
    expect(builds[0]?.finalError).toMatchObject({ line: 4, text })
    expect(said).toContainEqual(['error', instruction, 'and how it came about'])
    expect(said.at(-1)).toEqual(['client', null, 'later'])
  })

  test.each([
    [[' ---> 0a1b2c3d4e5f']],
    [[' ---> Running in 0a1b2c3d4e5f', 'Removing intermediate container 0a1b2c3d4e5f', ' ---> 1a1b2c3d4e5f']],
    [['Step 3/3 : CMD ["run"]']],
    [['Successfully built 0a1b2c3d4e5f']],
  ])('they are none when the build goes on: %j', (after) => {
    const { builds, steps } = read(
      ...from,
      'Step 2/3 : LABEL a=b',
      'config file could not be read, unknown key',
      ...after,
    )
    expect(builds.map(({ finalError }) => finalError)).toEqual([null])
    expect(steps[1]).toEqual(['LABEL a=b', 'done'])
  })

  test.each([
    'latest: Pulling from acme/not-found',
    '0a1b2c3d4e5f: error, retrying',
    '[Warning] One or more build-args failed',
  ])('%s says nothing of the kind', (text) => {
    expect(read('Step 1/3 : FROM alpine', text).steps).toEqual([['FROM alpine', 'unfinished']])
  })

  test('a service that is built beside it may have said them', () => {
    const { steps } = read(
      'Step 1/2 : FROM alpine',
      ' ---> a606584aa9aa',
      'Step 1/3 : FROM alpine',
      ' ---> a606584aa9aa',
      'Step 2/3 : RUN make',
      'Step 2/2 : COPY . .',
      'cc: error: main.c: no such file',
    )
    expect(steps).not.toContainEqual(['COPY . .', 'failed'])
  })
})

test('compose’s service before the builder’s error', () => {
  const { steps } = read(
    'Step 1/2 : FROM alpine',
    ' ---> a606584aa9aa',
    'Step 2/2 : COPY shop .',
    "ERROR: Service 'web' failed to build: COPY failed: stat shop: file does not exist",
  )
  expect(steps.at(-1)).toEqual(['COPY shop .', 'failed'])
})

describe('a page that shows the newest line first', () => {
  test('the step comes last, and what stands between was its output', () => {
    const { builds, steps, said } = read(
      'ERROR',
      "The command '/bin/sh -c npm ci' returned a non-zero code: 1",
      'npm error code E404',
      ' ---> Running in 991d98c78f23',
      'Step 3/4 : RUN npm ci',
      ' ---> a606584aa9aa',
      'Step 2/4 : WORKDIR /app',
    )
    expect(builds).toHaveLength(1)
    expect(steps).toEqual([
      ['RUN npm ci', 'failed'],
      ['WORKDIR /app', 'done'],
    ])
    expect(said).toContainEqual(['step', 'RUN npm ci', 'npm error code E404'])
  })

  test('a COPY is named by its step', () => {
    const { steps } = read('COPY failed: stat root/: file does not exist', 'Step 10/12 : COPY root/ /')
    expect(steps).toEqual([['COPY root/ /', 'failed']])
  })

  test('another build may follow an error instead', () => {
    const { steps } = read("The command '/bin/sh -c npm ci' returned a non-zero code: 1", 'Step 1/2 : FROM alpine')
    expect(steps).toEqual([
      ['RUN npm ci', 'failed'],
      ['FROM alpine', 'unfinished'],
    ])
  })
})
