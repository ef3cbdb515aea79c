import { afterAll, describe, expect, test } from 'vitest'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { githubClient } from '../../src/github/client.ts'
import { githubRuns } from '../../src/github/runs.ts'
import { type LocalGithub, type Outage, type ScriptedRun, startLocalGithub } from '../../src/playground/github.ts'
import type { ScriptedFile } from '../../src/playground/github-commits.ts'
import { evidenceHands } from '../../src/tasks/evidence/hands.ts'
import { readRun } from '../../src/tasks/read-run.ts'
import { plainLog, sha, unindented } from '../cache/told-misses.ts'
import { githubDescription } from '../support/openapi.ts'

/** Why steps missed, asked of a GitHub on loopback: a run, the run before, and the commits of both. */

const signs = indexSigns(await loadRunbooks([ownRunbooks]))
const asked: LocalGithub['requests'] = []
const description = githubDescription()
afterAll(() => expect(description.problemsOf(asked)).toEqual([]))

const node = `docker.io/library/node:22@${sha('a')}`
const dockerfile = 'FROM node:22\nCOPY package.json ./\nRUN npm ci\nCOPY src src\nRUN npm run build\n'
const workflow = (more = '') =>
  unindented(`
  on: push
  jobs:
    build:
      runs-on: ubuntu-latest
      steps:
        - uses: docker/build-push-action@v6
          with:
            context: .
${more}`)
const caching = `            cache-from: type=gha,scope=web
            cache-to: type=gha,scope=web,mode=max
`

const steps = [
  '[1/5] FROM',
  '[2/5] COPY package.json ./',
  '[3/5] RUN npm ci',
  '[4/5] COPY src src',
  '[5/5] RUN npm run build',
]

/** A job's log, of which the named steps ran. */
function jobLog(ran: string[], { imported = false, exported = false, names = steps } = {}): string {
  const shown = names.map((name) => {
    const state = ran.some((one) => name.startsWith(one)) ? 'DONE 2.0s' : 'CACHED'
    return `${name === '[1/5] FROM' ? `${name} ${node}` : name} | ${state}`
  })
  const text = plainLog(
    [
      '|##[group]Run docker/build-push-action@v6',
      '|##[endgroup]',
      '[internal] load build definition from Dockerfile | DONE 0.0s',
      ...(imported ? ['importing cache manifest from gha:9437325926668728095 | DONE 0.1s'] : []),
      ...shown,
      'exporting to image | DONE 0.1s',
      ...(exported ? ['exporting to GitHub Actions Cache | DONE 1.0s'] : []),
    ].join('\n'),
  )
  return text.replaceAll(/^(?=.)/gm, '2026-11-20T10:00:00.0000000Z ')
}
const everyStep = ['[2', '[3', '[4', '[5']

type Played = {
  before?: Record<string, ScriptedFile> | null
  now?: Record<string, ScriptedFile>
  ran?: string[]
  logOf?: (ran: string[]) => string
  job?: string
  event?: string
  branch?: string
  previous?: Partial<ScriptedRun> | null
  /** of a tree, beyond which GitHub cuts it */
  treeLimit?: number
  /** the commit of the run before is of another history */
  rewritten?: boolean
}

/** Two runs, of which the second is played last; gives what is told of it. */
async function world(played: Played = {}) {
  const { treeLimit } = played
  const github = await startLocalGithub(treeLimit === undefined ? {} : { treeLimit })
  const { ran = everyStep, logOf = (ran) => jobLog(ran), job = 'build', now = {}, before = {} } = played
  const base = { Dockerfile: dockerfile, '.github/workflows/ci.yml': workflow(), 'src/a.ts': '1', 'package.json': '{}' }
  const first = github.commit({ files: { ...base, ...before } })
  if (played.previous !== null)
    await github.finishRun({
      workflow: 'CI',
      sha: first,
      jobs: [{ name: job, conclusion: 'success', log: logOf(everyStep) }],
      ...played.previous,
    })
  const all = { ...base, ...before, ...now }
  const head = github.commit(played.rewritten ? { parent: null, files: all } : { files: now })
  const run = await github.finishRun({
    workflow: 'CI',
    sha: head,
    ...(played.event !== undefined && { event: played.event }),
    ...(played.branch !== undefined && { branch: played.branch }),
    jobs: [{ name: job, conclusion: 'success', log: logOf(ran) }],
  })
  const patience = { retries: 1, retryUnitMs: 1, timeoutMs: 5_000, longestWaitMs: 0 }
  const client = githubClient({ kind: 'token', token: github.token, baseUrl: github.baseUrl }, patience)
  return {
    github,
    first,
    head,
    run,
    async tell() {
      github.requests.length = 0
      const reading = { runs: githubRuns(client), signs, now: () => new Date(), hands: evidenceHands(client) }
      const { jobs, missing } = await readRun(reading, {
        repository: run.repository,
        runId: run.runId,
        attempt: run.attempt,
        jobId: run.jobs[0]?.id ?? null,
      })
      asked.push(...github.requests)
      const misses = jobs.flatMap(({ explanation }) => (explanation?.builds ?? []).flatMap((one) => one.firstMisses))
      return {
        misses,
        short: misses.map(({ step, reason, files }) => [`${step}: ${reason}`, ...files].join(' ')),
        missing,
        calls: github.requests.length,
      }
    },
    [Symbol.asyncDispose]: () => github[Symbol.asyncDispose](),
  }
}

const source = ['[4/5] COPY src src: file-changed src/a.ts']
const changedSource: Played = { now: { 'src/a.ts': '2', 'docs/b.md': 'x' }, ran: ['[4', '[5'] }

describe('what GitHub tells of a run and the run before', () => {
  test('the file that changed, in a bounded number of calls', async () => {
    await using played = await world(changedSource)
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.misses[0]).toMatchObject({ certainty: 'high', expected: true, secondsLost: 4 })
    expect(told.missing).toEqual([])
    // the jobs and the log included, and the run
    expect(told.calls).toBe(13)
  })

  test('the Dockerfile that was edited between', async () => {
    await using played = await world({
      now: { Dockerfile: dockerfile.replace('npm ci', 'npm ci --no-audit') },
      ran: ['[3', '[4', '[5'],
      logOf: (ran) =>
        jobLog(ran, {
          names: steps.map((step) => (ran.includes('[2') ? step : step.replace('npm ci', 'npm ci --no-audit'))),
        }),
    })
    const told = await played.tell()
    expect(told.misses).toMatchObject([{ reason: 'instruction-changed', detail: 'Dockerfile:3: RUN was edited' }])
    expect(told.missing).toEqual([])
  })

  test('an ignore file that keeps out what changed', async () => {
    await using played = await world({ ...changedSource, before: { '.dockerignore': 'src/*.ts\n' } })
    expect((await played.tell()).short).toEqual(['[4/5] COPY src src: unknown'])
  })

  test('an ignore file of its own beside the Dockerfile counts before the other', async () => {
    await using played = await world({
      ...changedSource,
      before: { '.dockerignore': 'src\n', 'Dockerfile.dockerignore': 'docs\n' },
    })
    expect((await played.tell()).short).toEqual(source)
  })

  test('a context of a monorepo, with its Dockerfile elsewhere', async () => {
    const monorepo = workflow(`            file: docker/api.Dockerfile\n`).replace(
      'context: .',
      'context: ./services/api',
    )
    await using played = await world({
      before: {
        '.github/workflows/ci.yml': monorepo,
        'docker/api.Dockerfile': dockerfile,
        'services/api/src/a.ts': '1',
      },
      now: { 'services/api/src/a.ts': '2', 'src/a.ts': '3' },
      ran: ['[4', '[5'],
    })
    const told = await played.tell()
    expect(told.short).toEqual(['[4/5] COPY src src: file-changed services/api/src/a.ts'])
    expect(told.misses[0]?.certainty).toBe('high')
  })

  test('a file that was renamed, and one of which only the mode changed', async () => {
    await using renamed = await world({ now: { 'src/a.ts': null, 'lib/a.ts': '1' }, ran: ['[4', '[5'] })
    expect((await renamed.tell()).short).toEqual(source)
    await using moded = await world({ now: { 'src/a.ts': { content: '1', executable: true } }, ran: ['[4', '[5'] })
    expect((await moded.tell()).short).toEqual(['[4/5] COPY src src: file-metadata-changed src/a.ts'])
  })

  test('a submodule that moved', async () => {
    await using played = await world({
      before: { 'src/vendor': { submodule: '1'.repeat(40) } },
      now: { 'src/vendor': { submodule: '2'.repeat(40) } },
      ran: ['[4', '[5'],
    })
    expect((await played.tell()).short).toEqual(['[4/5] COPY src src: file-changed src/vendor/'])
  })

  test('of more than 300 files: the trees tell', async () => {
    const files = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`docs/${at}.md`, 'x']))
    await using played = await world({ now: { ...files, 'src/a.ts': '2' }, ran: ['[4', '[5'] })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing).toEqual([])
  })
})

describe('a history that was rewritten', () => {
  const rewritten = { ...changedSource, rewritten: true }
  test('is compared by its trees', async () => {
    await using played = await world(rewritten)
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing).toEqual([])
  })

  test('with a tree that GitHub cuts: folders that differ are walked', async () => {
    const docs = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`docs/${at}.md`, 'x']))
    await using played = await world({ ...rewritten, before: docs, treeLimit: 10 })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing).toEqual([
      expect.stringMatching(/^job build: the repository is too large to be compared whole/),
    ])
  })

  test('and is cut in the folder that is copied: the folder is named', async () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`src/${at}.ts`, 'x']))
    await using played = await world({ ...rewritten, before: many, treeLimit: 10 })
    const told = await played.tell()
    expect(told.short).toEqual(['[4/5] COPY src src: file-changed src/'])
    expect(told.missing).toHaveLength(1)
  })
})

describe('the leg of a matrix', () => {
  const matrix = workflow()
    .replace('build:\n', 'build:\n    strategy:\n      matrix:\n        image: [web, api]\n')
    .replace('context: .', 'context: $' + '{{ matrix.image }}')
  test('has its own context and Dockerfile', async () => {
    await using played = await world({
      job: 'build (api)',
      before: {
        '.github/workflows/ci.yml': matrix,
        'api/Dockerfile': dockerfile,
        'web/Dockerfile': 'FROM x\nCOPY . .\n',
        'api/src/a.ts': '1',
      },
      now: { 'api/src/a.ts': '2', 'web/src/a.ts': '2' },
      ran: ['[4', '[5'],
    })
    const told = await played.tell()
    expect(told.short).toEqual(['[4/5] COPY src src: file-changed api/src/a.ts'])
    expect(told.missing).toEqual([])
  })
})

test('a leg that the workflow does not tell has the context of its command line, and no other', async () => {
  const fromJson = workflow()
    .replace(
      'build:\n',
      'build:\n    strategy:\n      matrix:\n        image: $' + '{{ fromJSON(needs.plan.outputs.images) }}\n',
    )
    .replace('context: .', 'context: $' + '{{ matrix.image }}')
  await using played = await world({
    job: 'build (api)',
    before: { '.github/workflows/ci.yml': fromJson, 'api/Dockerfile': dockerfile, 'api/src/a.ts': '1' },
    now: { 'api/src/a.ts': '2', 'src/a.ts': '2' },
    ran: ['[4', '[5'],
    logOf: (ran) =>
      jobLog(ran).replace(/^(.*Z )##\[endgroup\]$/m, '$&\n$1[command]/usr/bin/docker buildx build --iidfile x api'),
  })
  expect((await played.tell()).short).toEqual(['[4/5] COPY src src: file-changed api/src/a.ts'])
})

describe('a bake', () => {
  test('has the context of its target', async () => {
    const bakes = unindented(`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - uses: docker/bake-action@v6
              with:
                files: docker-bake.hcl
    `)
    const hcl =
      'group "default" { targets = ["web", "api"] }\ntarget "web" { context = "web" }\ntarget "api" { context = "api" }\n'
    const names = ['web', 'api'].flatMap((target) => [
      `[${target} internal] load build definition from Dockerfile`,
      `[${target} 1/3] FROM ${node}`,
      `[${target} 2/3] COPY src src`,
      `[${target} 3/3] RUN make all`,
    ])
    const file = (target: string) => `FROM node:22\nCOPY src src\nRUN make ${target}\n`
    await using played = await world({
      before: {
        '.github/workflows/ci.yml': bakes,
        'docker-bake.hcl': hcl,
        'web/Dockerfile': file('all'),
        'api/Dockerfile': file('all'),
        'api/src/a.ts': '1',
        'web/src/a.ts': '1',
      },
      now: { 'api/src/a.ts': '2', 'web/src/a.ts': '2' },
      ran: ['[api 2/3', '[api 3/3'],
      logOf: (ran) => jobLog(ran, { names }),
    })
    const told = await played.tell()
    expect(told.short).toEqual(['[api 2/3] COPY src src: file-changed api/src/a.ts'])
    expect(told.missing).toEqual([])
  })
})

test('two images of one job whose Dockerfiles read the same have their own contexts', async () => {
  const step = (context: string) => `
            - uses: docker/build-push-action@v6
              with:
                context: ${context}
`
  const twice = unindented(`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:${step('web')}${step('./api')}`)
  const one = (context: string, ran: string[]) =>
    jobLog(ran).replace(/^(.*Z )##\[endgroup\]$/m, `$&\n$1[command]/usr/bin/docker buildx build --iidfile x ${context}`)
  await using played = await world({
    before: {
      '.github/workflows/ci.yml': twice,
      'web/Dockerfile': dockerfile,
      'api/Dockerfile': dockerfile,
      'api/src/a.ts': '1',
      'web/src/a.ts': '1',
    },
    now: { 'api/src/a.ts': '2', 'web/src/a.ts': '2' },
    ran: ['[4', '[5'],
    logOf: (ran) => `${one('web', ran)}${one('./api', ran)}`,
  })
  const told = await played.tell()
  expect(told.short).toEqual([
    '[4/5] COPY src src: file-changed web/src/a.ts',
    '[4/5] COPY src src: file-changed api/src/a.ts',
  ])
  expect(told.missing).toEqual([])
})

describe("GitHub's cache", () => {
  const cached: Played = {
    before: { '.github/workflows/ci.yml': workflow(caching) },
    now: { 'README.md': '2' },
    logOf: (ran) => jobLog(ran, { imported: true, exported: true }),
  }
  test('that holds nothing any more was evicted', async () => {
    await using played = await world(cached)
    const told = await played.tell()
    expect(told.misses.map(({ reason, certainty }) => [reason, certainty])).toEqual([['evicted', 'high']])
    expect(told.calls).toBe(15)
  })

  test('that only other branches wrote cannot be read', async () => {
    await using played = await world(cached)
    played.github.addCache({ key: 'index-web-1-ab12cd34#1', ref: 'refs/heads/other' })
    expect((await played.tell()).misses.map(({ reason, certainty }) => [reason, certainty])).toEqual([
      ['scope-unreachable', 'high'],
    ])
  })

  test('that can be read held nothing for this build', async () => {
    await using played = await world(cached)
    played.github.addCache({ key: 'index-web-1-ab12cd34#1', ref: 'refs/heads/main' })
    expect((await played.tell()).misses.map(({ reason, certainty }) => [reason, certainty])).toEqual([
      ['cache-import-not-found', 'medium'],
    ])
  })
})

describe('without a run before', () => {
  test('it is the first build', async () => {
    await using played = await world({ previous: null })
    expect((await played.tell()).misses.map(({ reason }) => reason)).toEqual(['first-build'])
  })

  test('in which the job had another name: said, and the rest is explained', async () => {
    await using played = await world({
      ...changedSource,
      previous: { jobs: [{ name: 'image', conclusion: 'success', log: jobLog(everyStep) }] },
    })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing).toEqual([expect.stringMatching(/^job build: run \d+, the one before, has no job build$/)])
  })

  test('of which the log expired: said, and the files that changed are known', async () => {
    await using played = await world({
      ...changedSource,
      previous: { jobs: [{ name: 'build', conclusion: 'success', log: { status: 410 } }] },
    })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing).toEqual([expect.stringMatching(/^job build: job build of the run before: .*410/)])
  })

  test('whose commit a force-push has taken away: said, and no file is made up', async () => {
    await using played = await world(changedSource)
    played.github.forgetCommit(played.first)
    const told = await played.tell()
    expect(told.short).toEqual(['[4/5] COPY src src: unknown'])
    expect(told.missing.join('\n')).toContain(played.first.slice(0, 7))
  })
})

describe('files that are not as they should be', () => {
  test.each<[string, Record<string, ScriptedFile>, RegExp]>([
    ['a workflow that is no YAML', { '.github/workflows/ci.yml': 'on: push\njobs: [\n' }, /ci\.yml:\d+: /],
    ['no workflow file', { '.github/workflows/ci.yml': null }, /no \.github\/workflows\/ci\.yml/],
  ])('%s', async (_, files, said) => {
    await using played = await world({ ...changedSource, now: { ...changedSource.now, ...files } })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing.join('\n')).toMatch(said)
  })

  test('a Dockerfile that does not parse: said with its line', async () => {
    await using played = await world({ ...changedSource, before: { Dockerfile: `${dockerfile}COPI x y\n` } })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing).toEqual([expect.stringMatching(/^job build: Dockerfile:6: .*COPI/)])
  })

  test('no Dockerfile where it should be: said, and what the log says was copied counts', async () => {
    await using played = await world({ ...changedSource, before: { Dockerfile: null } })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing).toEqual([expect.stringMatching(/there is no Dockerfile at \w{7}/)])
  })

  test('an ignore file that Docker refuses: said with its line', async () => {
    await using played = await world({ ...changedSource, before: { '.dockerignore': 'docs\n[a-\n' } })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing).toEqual([expect.stringMatching(/\.dockerignore:2: syntax error in pattern/)])
  })

  test('a Dockerfile of a megabyte and more', async () => {
    await using played = await world({
      ...changedSource,
      before: { Dockerfile: `${dockerfile}${'# x\n'.repeat(300_000)}` },
    })
    const told = await played.tell()
    expect(told.short).toEqual(source)
    expect(told.missing.join('\n')).toMatch(/Dockerfile is larger than 1 MB|there is no Dockerfile/)
  })
})

describe('a fault of GitHub on any of the calls', () => {
  const cached: Played = {
    ...changedSource,
    before: { '.github/workflows/ci.yml': workflow(caching) },
    logOf: (ran) => jobLog(ran, { imported: true, exported: true }),
  }
  const faults: Omit<Extract<Outage, { status: number }>, 'match'>[] = [
    { status: 403 },
    { status: 404 },
    { status: 500, times: 9 },
    {
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.round(Date.now() / 1000) + 1_800) },
    },
  ]
  test.each([
    ['the runs before', /GET \/repos\/acme\/platform\/actions\/runs\?/],
    ['its jobs', /GET .*\/runs\/\d+\/attempts\/\d+\/jobs/],
    ['its log', /GET .*\/jobs\/\d+\/logs/],
    ['the comparison', /GET .*\/compare\//],
    ['the workflow file', /GET .*\/contents\/.github/],
    ['the Dockerfile', /GET .*\/contents\/Dockerfile\?/],
    ['the ignore file', /GET .*\/contents\/\.dockerignore/],
    ['the caches', /GET .*\/actions\/caches/],
    ['the repository', /GET \/repos\/acme\/platform(?:\?|$)/],
  ])('%s: the diagnosis stands, and what is missing is named', async (what, match) => {
    for (const fault of faults) {
      await using played = await world(cached)
      played.github.addCache({ key: 'index-web-1-ab12cd34#1', ref: 'refs/heads/main' })
      // the jobs and the log of the run itself are asked for first
      const own = what === 'its jobs' || what === 'its log'
      const run = own
        ? new RegExp(
            match.source.replace(
              '\\d+',
              `(?!${what === 'its log' ? played.run.jobs[0]?.id : played.run.runId}\\b)\\d+`,
            ),
          )
        : match
      played.github.failNext({ times: 1, ...fault, match: run })
      const told = await played.tell()
      const label = `${what} ${JSON.stringify(fault)}`
      expect(
        told.misses.map(({ step }) => step),
        label,
      ).toEqual(['[4/5] COPY src src'])
      // without the run before, or what differs from it, nothing tells which file changed; when the rate limit is used
      // up, no more is asked
      const limited = 'headers' in fault
      const blind = what === 'the runs before' || (what === 'the comparison' && fault.status === 403)
      const early = what === 'its jobs' || what === 'its log'
      expect(told.misses[0]?.reason, label).toBe(blind || (early && limited) ? 'unknown' : 'file-changed')
      // the trees tell what no comparison does, and there need be no ignore file
      const another = what === 'the comparison' ? [404, 500] : what === 'the ignore file' ? [404] : []
      if (another.includes(fault.status)) continue
      expect(told.missing, label).toHaveLength(1)
      expect(told.missing[0], label).toMatch(/^job build: /)
    }
  })
})
