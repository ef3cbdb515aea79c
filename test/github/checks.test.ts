import { afterAll, expect, test } from 'vitest'
import type { Annotation } from '../../src/github/check-annotation.ts'
import { githubChecks, type WantedCheck } from '../../src/github/checks.ts'
import { githubClient } from '../../src/github/client.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const asked: LocalGithub['requests'] = []
afterAll(() => expect(githubDescription().problemsOf(asked)).toEqual([]))

const wanted: WantedCheck = {
  headSha: 'a'.repeat(40),
  externalId: 'cache acme/platform',
  conclusion: 'neutral',
  title: 'Two steps missed the cache',
  summary: '`COPY . .` stands before `npm ci`',
  annotations: annotations(2),
  detailsUrl: 'https://example.com/acme',
}

test('a check run is created once, and brought up to date after that', async () => {
  await using local = await startLocalGithub()
  const { publish } = checksOf(local)
  const first = await publish(repository, wanted)
  expect(first).toEqual({ id: expect.any(Number), url: expect.stringContaining(local.baseUrl) })
  expect(await publish(repository, wanted)).toEqual(first)
  const more = { ...wanted, conclusion: 'failure', title: 'Three', annotations: annotations(3) } as const
  expect(await publish(repository, more)).toEqual(first)
  const [check, ...others] = local.checkRuns()
  expect(others).toEqual([])
  expect(check).toMatchObject({
    name: 'Layerwise',
    headSha: wanted.headSha,
    externalId: wanted.externalId,
    detailsUrl: 'https://example.com/acme',
    conclusion: 'failure',
    title: 'Three',
  })
  expect(check?.annotations.map(({ start_line }) => start_line)).toEqual([1, 2, 3])
  asked.push(...local.requests)
})

test('an App looks among its own check runs, when it knows its number', async () => {
  await using local = await startLocalGithub()
  const client = githubClient({ kind: 'token', token: local.token, baseUrl: local.baseUrl }, { retries: 0 })
  await githubChecks({ ...client, appId: 4711 }).publish(repository, wanted)
  expect(local.requests[0]?.query).toMatchObject({ app_id: '4711', check_name: 'Layerwise', filter: 'all' })
  asked.push(...local.requests)
  const app = { kind: 'app', privateKey: 'unused', baseUrl: local.baseUrl } as const
  expect(['4711', 4711, 'Iv23abc'].map((appId) => githubClient({ ...app, appId }).appId)).toEqual([4711, 4711, null])
})

test('another commit or another id is another check run', async () => {
  await using local = await startLocalGithub()
  const { publish } = checksOf(local)
  await publish(repository, wanted)
  await publish(repository, { ...wanted, externalId: 'other' })
  await publish(repository, { ...wanted, headSha: 'b'.repeat(40) })
  expect(local.checkRuns()).toHaveLength(3)
})

test('annotations beyond fifty follow in further calls, and a publishing that broke off is completed', async () => {
  await using local = await startLocalGithub()
  const { publish } = checksOf(local)
  const many = { ...wanted, annotations: annotations(120) }
  local.failNext({ match: 'PATCH ', status: 502 })
  await expect(publish(repository, many)).rejects.toMatchObject({ code: 'unavailable' })
  expect(local.checkRuns()[0]?.annotations).toHaveLength(50)
  await publish(repository, many)
  const lines = local.checkRuns().flatMap((check) => check.annotations.map(({ start_line }) => start_line))
  expect(lines).toEqual(Array.from({ length: 120 }, (_, n) => n + 1))
  asked.push(...local.requests)
})

test('an annotation that is not wanted any more cannot be taken away: a new check run takes the place of the old', async () => {
  await using local = await startLocalGithub()
  const { publish } = checksOf(local)
  const old = await publish(repository, wanted)
  const now = await publish(repository, { ...wanted, annotations: annotations(1) })
  expect(now.id).toBeGreaterThan(old.id)
  expect(await publish(repository, { ...wanted, annotations: annotations(1) })).toEqual(now)
  expect(local.checkRuns()).toHaveLength(2)
})

test('long texts are cut to what GitHub takes', async () => {
  await using local = await startLocalGithub()
  const [annotation] = annotations(1)
  const long = {
    ...annotation,
    title: 'ü'.repeat(300),
    message: 'ü'.repeat(50_000),
    startLine: 0,
    endLine: 0,
  } as Annotation
  const check = { ...wanted, summary: 'ü'.repeat(50_000), annotations: [long] }
  await checksOf(local).publish(repository, check)
  await checksOf(local).publish(repository, check)
  const [{ summary = '', annotations: shown = [] } = {}] = local.checkRuns()
  expect(summary).toMatch(/^ü+…$/)
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(65_535)
  expect(shown).toHaveLength(1)
  expect(shown[0]).toMatchObject({ start_line: 1, end_line: 1, title: expect.stringMatching(/^ü{126}…$/) })
  asked.push(...local.requests)
})

test('without the permission it is a fault that names it', async () => {
  await using local = await startLocalGithub()
  local.failNext({ match: 'POST ', status: 403 })
  await expect(checksOf(local).publish(repository, wanted)).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('Checks: write'),
  })
})

function annotations(count: number): Annotation[] {
  return Array.from({ length: count }, (_, n) => ({
    path: 'Dockerfile',
    startLine: n + 1,
    endLine: n + 1,
    level: 'warning',
    title: 'Copies too much',
    message: `line ${n + 1}`,
  }))
}

function checksOf({ token, baseUrl }: LocalGithub) {
  return githubChecks(githubClient({ kind: 'token', token, baseUrl }, { retries: 0 }))
}
