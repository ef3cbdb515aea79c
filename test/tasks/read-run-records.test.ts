import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks } from '../../src/diagnosis/runbooks.ts'
import { githubClient } from '../../src/github/client.ts'
import { githubRuns } from '../../src/github/runs.ts'
import { type LocalGithub, type PlayedRun, type ScriptedRun, startLocalGithub } from '../../src/playground/github.ts'
import { readRun } from '../../src/tasks/read-run.ts'
import { archiveOf, layoutOf, zipOf } from '../build/record/make-record.ts'
import { githubDescription } from '../support/openapi.ts'

const signs = indexSigns(await loadRunbooks([fileURLToPath(new URL('../../runbooks', import.meta.url))]))
const fixture = (name: string) => readFileSync(new URL(`../fixtures/lab/${name}`, import.meta.url))
const referenceOf = (log: Buffer) => /\/([0-9a-z]{25})$/m.exec(log.toString())?.[1] ?? ''

/** A build of the lab: its job's log, and its record as the action names and uploads it. */
function build(name: string) {
  const log = fixture(`${name}.gha.log`)
  const record = fixture(`${name}.dockerbuild`)
  const reference = referenceOf(log)
  const file = `acme~platform~${reference.slice(0, 6).toUpperCase()}.dockerbuild`
  const zip = zipOf([{ name: file, body: record }])
  return {
    log,
    record,
    reference,
    artifact: { name: file, content: zip as Uint8Array },
    job: { name, conclusion: 'failure', log: log as Uint8Array | { status: 404 | 410 } },
  }
}

const tsc = build('run-tsc-error')
const oom = build('run-node-heap-oom')

/** The minutes in which the lab built `run-tsc-error`. */
const [before, after] = ['2026-11-22T15:52:40Z', '2026-11-22T15:53:20Z']

async function play(github: LocalGithub & { clock: { now: string } }, script: ScriptedRun): Promise<PlayedRun> {
  github.clock.now = before
  const run = await github.startRun(script)
  github.clock.now = after
  return run.finish()
}

async function startGithub(): Promise<LocalGithub & { clock: { now: string } }> {
  const clock = { now: before }
  return Object.assign(await startLocalGithub({ now: () => new Date(clock.now) }), { clock })
}

async function read({ baseUrl, token, clock }: LocalGithub & { clock: { now: string } }, run: PlayedRun) {
  const patience = { retries: 0, retryUnitMs: 1, timeoutMs: 5_000 }
  const runs = githubRuns(githubClient({ kind: 'token', token, baseUrl }, patience))
  const { repository, runId, attempt } = run
  const now = () => new Date(Date.parse(clock.now) + 86_400_000)
  const { jobs, missing } = await readRun({ runs, signs, now }, { repository, runId, attempt, jobId: null })
  const told = jobs.map(({ name, explanation }) => ({
    name,
    cause: explanation?.diagnosis?.id,
    from: explanation?.builds.map(({ from }) => from),
  }))
  return { jobs, missing, told }
}

const askedFor = ({ requests }: LocalGithub) =>
  requests
    .filter(({ path }) => path.includes('/artifacts'))
    .map(({ to, path }) => `${to} ${path.replace(/\d{5,}/, 'N')}`)

describe('the record of a build whose log names it', () => {
  test('wins over the log, whose lines remain the evidence', async () => {
    await using github = await startGithub()
    const run = await play(github, {
      jobs: [tsc.job],
      artifacts: [{ name: 'dist', content: Buffer.from('PK') }, tsc.artifact],
    })
    const { jobs, missing, told } = await read(github, run)
    expect(told).toEqual([{ name: 'run-tsc-error', cause: 'run-app-compile-error', from: ['record'] }])
    expect(missing).toEqual([])
    const { evidence = [], step } = jobs[0]?.explanation?.diagnosis ?? {}
    const lines = tsc.log.toString().split('\n')
    for (const { line, text } of evidence) expect(lines[line - 1]).toContain(text.replace(/^ERROR: /, ''))
    expect(step?.vertex).toBe('#13')
    const failed = jobs[0]?.explanation?.builds[0]?.steps.find(({ status }) => status === 'failed')
    expect(failed?.seconds).toBeCloseTo(1.02, 1)
  })

  test('costs two requests of the API, as GitHub describes them, and the store never sees the token', async () => {
    await using github = await startGithub()
    const run = await play(github, { jobs: [tsc.job], artifacts: [tsc.artifact] })
    await read(github, run)
    expect(askedFor(github)).toEqual([
      'api /repos/acme/platform/actions/runs/N/artifacts',
      'api /repos/acme/platform/actions/artifacts/N/zip',
      'logs /artifacts/N',
    ])
    expect(githubDescription().problemsOf(github.requests)).toEqual([])
    const stored = github.requests.filter(({ to }) => to === 'logs')
    expect(stored.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  })

  test('is found on the second page, and may come without a zip around it', async () => {
    await using github = await startGithub()
    const others = Array.from({ length: 130 }, (_, n) => ({ name: `report ${n}`, content: Buffer.from('PK') }))
    const artifacts = [...others, { ...tsc.artifact, content: tsc.record }]
    const { told } = await read(github, await play(github, { jobs: [tsc.job], artifacts }))
    expect(told[0]?.from).toEqual(['record'])
    expect(askedFor(github).filter((path) => path.startsWith('api'))).toHaveLength(3)
  })

  test('goes to its own job, and the list is asked for once', async () => {
    await using github = await startGithub()
    const script = { jobs: [tsc.job, oom.job], artifacts: [oom.artifact, tsc.artifact] }
    const { told } = await read(github, await play(github, script))
    expect(told.map(({ from }) => from)).toEqual([['record'], ['record']])
    expect(askedFor(github).filter((path) => path.endsWith('/artifacts'))).toHaveLength(1)
  })

  test('is not taken for that of a build with the same six letters', async () => {
    await using github = await startGithub()
    const other = await archiveOf(layoutOf({ history: { Ref: `${tsc.reference.slice(0, 6)}${'z'.repeat(19)}` } }))
    const artifacts = [{ ...tsc.artifact, content: other }]
    const { told, missing } = await read(github, await play(github, { jobs: [tsc.job], artifacts }))
    expect([told[0]?.from, missing]).toEqual([['log'], []])
  })

  test('that fits none of the builds in the log is named', async () => {
    await using github = await startGithub()
    const log = Buffer.from(tsc.log.toString().replaceAll(tsc.reference, oom.reference))
    const run = await play(github, { jobs: [{ ...tsc.job, log }], artifacts: [oom.artifact] })
    const { told, missing } = await read(github, run)
    expect(told[0]?.from).toEqual(['log'])
    expect(missing).toEqual([
      `job run-tsc-error: the build record ${oom.reference} fits none of the builds in the log, and is not used`,
    ])
  })
})

describe('GitHub is not asked for records', () => {
  test.each([
    ['when no action names a build', tsc.log.toString().replace(/.*group\]Reference[\s\S]*?endgroup\]\n/, '')],
    ['when there was no build', '2026-11-22T15:52:52.0000000Z ##[error]Process completed with exit code 1.\n'],
  ])('%s', async (_, log) => {
    await using github = await startGithub()
    const run = await play(github, { jobs: [{ ...tsc.job, log: Buffer.from(log) }], artifacts: [tsc.artifact] })
    await read(github, run)
    expect(askedFor(github)).toEqual([])
  })
})

describe('a record that cannot be had', () => {
  const expired = { ...tsc.artifact, content: { status: 410 as const } }
  const unknown = Buffer.from(
    tsc.log
      .toString()
      .replace(/src\/app\.ts\(4,26\).*/g, 'strange words')
      .replaceAll('yarn', 'frob'),
  )

  test('is no loss where the log tells all', async () => {
    await using github = await startGithub()
    const run = await play(github, { jobs: [tsc.job], artifacts: [expired] })
    const { told, missing } = await read(github, run)
    expect([told[0]?.cause, told[0]?.from, missing]).toEqual(['run-app-compile-error', ['log'], []])
    github.failNext({ match: /\/artifacts/, status: 403 })
    expect((await read(github, run)).missing).toEqual([])
    github.failNext({ match: /\/artifacts/, status: 502 })
    expect((await read(github, run)).missing).toEqual([])
  })

  test('is named where the log leaves the cause open', async () => {
    await using github = await startGithub()
    const { missing } = await read(
      github,
      await play(github, { jobs: [{ ...tsc.job, log: unknown }], artifacts: [expired] }),
    )
    expect(missing).toEqual([`job run-tsc-error: build record ${tsc.artifact.name}: it expired`])
    github.failNext({ match: /\/artifacts/, status: 403 })
    const run = await play(github, { jobs: [{ ...tsc.job, log: unknown }], artifacts: [expired] })
    expect((await read(github, run)).missing).toEqual([
      expect.stringMatching(
        /^job run-tsc-error: the build records: Listing the artifacts of run \d+ .* forbids this \(403\)/,
      ),
    ])
  })

  test.each([
    [
      'cut off',
      tsc.record.subarray(0, 3000),
      /^job run-tsc-error: cannot read build record acme~platform~V0CW61\.dockerbuild: it is damaged or cut off/,
    ],
    ['a bomb', gzipSync(Buffer.alloc(100 << 20)), /: it unpacks to more than 96 MB$/],
    ['something else', Buffer.from('#1 [internal] load'), /: it is neither a gzip nor a zip file$/],
  ])('because it is %s is always named, and the log told', async (_, content, reason) => {
    await using github = await startGithub()
    const run = await play(github, { jobs: [tsc.job], artifacts: [{ ...tsc.artifact, content }] })
    const { told, missing } = await read(github, run)
    expect(told[0]).toMatchObject({ cause: 'run-app-compile-error', from: ['log'] })
    expect(missing).toEqual([expect.stringMatching(reason)])
  })

  test('because its download breaks off is no loss either', async () => {
    await using github = await startGithub()
    const run = await play(github, { jobs: [tsc.job], artifacts: [tsc.artifact] })
    github.failNext({ match: 'GET /artifacts/', breakAfter: 1000 })
    const { told, missing } = await read(github, run)
    expect([told[0]?.from, missing]).toEqual([['log'], []])
  })
})

describe('where the log is lost', () => {
  const lost = { ...tsc.job, log: { status: 410 as const } }

  test('the record tells what happened', async () => {
    await using github = await startGithub()
    const { jobs, told, missing } = await read(github, await play(github, { jobs: [lost], artifacts: [tsc.artifact] }))
    expect(told).toEqual([{ name: 'run-tsc-error', cause: 'run-app-compile-error', from: ['record'] }])
    expect(jobs[0]?.explanation?.source.truncated).toBe(true)
    expect(missing).toEqual(['job run-tsc-error: it expired or was deleted (410)'])
  })

  test('a record that may be of another job is not used', async () => {
    await using github = await startGithub()
    const beside = { name: 'lint', conclusion: 'success', log: '' }
    const { told } = await read(github, await play(github, { jobs: [lost, beside], artifacts: [tsc.artifact] }))
    expect(told).toEqual([{ name: 'run-tsc-error', cause: undefined, from: undefined }])
  })

  test('a record of another attempt is not used', async () => {
    await using github = await startGithub()
    const first = await play(github, { jobs: [tsc.job], artifacts: [tsc.artifact] })
    github.clock.now = '2026-11-22T18:00:00Z'
    const again = await github.finishRun({ runId: first.runId, jobs: [lost] })
    expect((await read(github, again)).told[0]?.from).toBeUndefined()
  })

  test('the record tells the end of a log that breaks off', async () => {
    await using github = await startGithub()
    const run = await play(github, { jobs: [tsc.job], artifacts: [tsc.artifact] })
    const cut = tsc.log.indexOf('#13 0.350')
    github.failNext({ match: 'GET /logs/', breakAfter: cut })
    const { told, missing } = await read(github, run)
    expect(told[0]).toMatchObject({ cause: 'run-app-compile-error', from: ['record'] })
    expect(missing).toEqual([expect.stringContaining(`job run-tsc-error: the log broke off after ${cut} bytes`)])
  })
})
