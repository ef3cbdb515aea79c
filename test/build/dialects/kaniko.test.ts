import { expect, test } from 'vitest'
import { repositoryOf } from '../../../src/build/dialects/transfers.ts'
import { logReader } from '../../../src/build/read-log.ts'
import { explainText } from '../../../src/diagnosis/explain.ts'

function read(...lines: string[]) {
  const said: [string, string | null, string][] = []
  const reader = logReader(({ place, vertex, text }) => said.push([place, vertex?.text ?? null, text]))
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  const { builds } = reader.end()
  const steps = builds.flatMap((build) => [...build.vertices.values()].map(({ text, status }) => [text, status]))
  return { builds, steps, said }
}

const opening = [
  'INFO[0000] Retrieving image manifest node:22',
  'INFO[0002] Built cross stage deps: map[]',
  'INFO[0002] Unpacking rootfs as cmd COPY . . requires it.',
]

test('kaniko: cached and executed steps, and the push that ends it', () => {
  const { builds, steps } = read(
    ...opening,
    'INFO[0003] Using caching version of cmd: RUN npm ci',
    'INFO[0003] RUN npm ci',
    'INFO[0003] Found cached layer, extracting to filesystem',
    'INFO[0005] COPY . .',
    'INFO[0006] RUN npm run build',
    'INFO[0006] Running: [/bin/sh -c npm run build]',
    'INFO[0008] CMD ["node", "dist"]',
    'INFO[0009] Pushed ghcr.io/acme/web@sha256:abc',
  )
  expect(steps.slice(0, 2)).toEqual([
    ['RUN npm ci', 'cached'],
    ['COPY . .', 'done'],
  ])
  expect(builds.map(({ builder, succeeded }) => [builder, succeeded])).toEqual([['kaniko', true]])
})

test('bare lines after a command are its output, and the last word names the failed step', () => {
  const { builds, steps, said } = read(
    ...opening,
    'INFO[0006] RUN npm run build',
    'INFO[0006] Running: [/bin/sh -c npm run build]',
    'src/app.ts(4,26): error TS2345: Argument of type',
    'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 2',
  )
  expect(steps).toEqual([['RUN npm run build', 'failed']])
  expect(said).toEqual([
    ['step', 'RUN npm run build', 'src/app.ts(4,26): error TS2345: Argument of type'],
    ['error', null, expect.stringContaining('error building image')],
  ])
  expect(builds[0]?.finalError?.line).toBe(7)
})

test('a push that is refused fails the build, not a step', () => {
  const { builds, steps } = read(
    ...opening,
    'INFO[0006] COPY . .',
    'INFO[0006] WORKDIR /app',
    'error pushing image: failed to push to destination ghcr.io/acme/web: UNAUTHORIZED: authentication required',
  )
  expect(steps.map(([, status]) => status)).not.toContain('failed')
  expect(builds[0]?.finalError?.text).toContain('error pushing image')
})

test('a later failure takes back that it was pushed', () => {
  const { builds } = read(
    ...opening,
    'INFO[0006] Pushing image to ghcr.io/acme/web:1',
    'error pushing image: failed to push to destination ghcr.io/acme/web: MANIFEST_INVALID',
  )
  expect(builds.map(({ succeeded }) => succeeded)).toEqual([false])
})

test('a bare line while no command runs is not the build’s', () => {
  const { said } = read(...opening, 'error checking something else', 'INFO[0003] Using caching version of cmd: RUN a')
  expect(said.map(([place, vertex]) => [place, vertex])).toEqual([['client', null]])
})

test('newer kaniko writes logfmt', () => {
  const { builds, steps } = read(
    'time="2026-01-01T00:00:00Z" level=info msg="Retrieving image manifest node:22"',
    'time="2026-01-01T00:00:01Z" level=info msg="RUN npm ci"',
  )
  expect(builds.map(({ builder }) => builder)).toEqual(['kaniko'])
  expect(steps).toEqual([['RUN npm ci', 'unfinished']])
})

test("another program's levelled lines are no build", () => {
  const { builds, said } = read('INFO[0000] starting the server', 'error building the cart', 'INFO[0001] done')
  expect(builds).toEqual([])
  expect(said.map(([place]) => place)).toEqual(['client', 'client', 'client'])
})

test('a kaniko build that was pushed succeeded', () => {
  const log = [
    'INFO[0000] Retrieving image manifest node:22',
    'INFO[0002] Unpacking rootfs as cmd COPY . . requires it.',
    'INFO[0005] COPY . .',
    'INFO[0006] RUN npm run build',
    'INFO[0006] Running: [/bin/sh -c npm run build]',
    'INFO[0009] Pushing image to ghcr.io/acme/web',
    'INFO[0009] Pushed ghcr.io/acme/web@sha256:abc',
  ].join('\n')
  const { outcome, builds } = explainText(log, { runbooks: [], rows: new Map() })
  expect(outcome).toBe('succeeded')
  expect(builds[0]?.steps.map(({ status }) => status)).toEqual(['executed', 'executed'])
})

test.each([
  ['ghcr.io/acme/cache:0a1b', 'ghcr.io/acme/cache'],
  ['ghcr.io/acme/cache@sha256:0a1b', 'ghcr.io/acme/cache'],
  ['localhost:5000/cache:0a1b:0a1', 'localhost:5000/cache'],
  ['[localhost:5000/acme/cache]:0a1b', 'localhost:5000/acme/cache'],
  ['cache', 'cache'],
])('%s is in the repository %s', (reference, repository) => {
  expect(repositoryOf(reference)).toBe(repository)
})

test('layers that are pushed to the cache in between do not end the build', () => {
  const { builds, steps } = read(
    ...opening,
    'INFO[0003] RUN npm ci',
    'INFO[0009] Pushing layer ghcr.io/acme/cache:0a1b to cache now',
    'INFO[0009] Pushing image to ghcr.io/acme/cache:0a1b',
    'INFO[0010] Pushed ghcr.io/acme/cache@sha256:0a1b',
    'INFO[0010] RUN npm run build',
  )
  expect(builds.map(({ succeeded }) => succeeded)).toEqual([false])
  expect(steps.at(-1)).toEqual(['RUN npm run build', 'unfinished'])
})

test('the same cached instruction in two stages is two steps', () => {
  const stage = ['INFO[0003] Using caching version of cmd: RUN npm ci', 'INFO[0004] RUN npm ci']
  expect(read(...opening, ...stage, ...stage).steps).toEqual([
    ['RUN npm ci', 'cached'],
    ['RUN npm ci', 'cached'],
  ])
})

const last = 'error building image: error building stage: failed to execute command: waiting for process to exit: '

test.each([
  ['exit status 2', 'step'],
  ['signal: killed', 'step'],
])('the last word alone, %s: what stands before it was a command’s output', (how, place) => {
  const { builds, steps, said } = read('make: *** [all] Error 2', `${last}${how}`)
  expect(builds.map(({ builder, finalError }) => [builder, finalError?.line])).toEqual([['kaniko', 2]])
  expect(steps).toEqual([['', 'failed']])
  expect(said.filter(([, , text]) => text.startsWith('make')).at(-1)?.[0]).toBe(place)
})

test.each([
  'error checking push permissions -- make sure you entered the correct tag name',
  'error pushing image: failed to push to destination acme/web:1',
  '147error building image: deleting file system after stage 0: unlinkat //bin: directory not empty',
])('%s: no command is to blame', (text) => {
  const { builds, steps } = read('web', text)
  expect([builds.length, builds[0]?.finalError !== null, steps]).toEqual([1, true, []])
})

test('a log that begins in the midst of a build is kaniko’s all the same', () => {
  const { builds, said } = read(
    'INFO[0163] Taking snapshot of full filesystem...',
    'fatal error: runtime: out of memory',
  )
  expect(builds.map(({ builder, finalError }) => [builder, finalError?.line])).toEqual([['kaniko', 2]])
  expect(said.at(-1)?.[0]).toBe('error')
})

test('a program written in Go that crashes in a step is that step’s', () => {
  const { builds } = read(
    ...opening,
    'INFO[0004] Running: [/bin/sh -c ./shop]',
    'fatal error: runtime: out of memory',
    'goroutine 1',
  )
  expect(builds[0]?.finalError).toBeNull()
})
