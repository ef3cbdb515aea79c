import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Check } from '../../src/diagnosis/runbook-check.ts'
import { checkItem } from '../../src/verdict/check-item.ts'
import { before, causeOf, check, factsOf, jobOf, labFacts } from './facts.ts'

const nothing = { before: null, operation: null }
const following = (operation: string) => ({ before, operation })

const dependencies = check('steps-cached')
const all = check('steps-cached', { steps: 'all' })
const noMiss = check('no-unexpected-miss')
const transfers = check('cache-transfers')

describe('builds of the lab', () => {
  test.each<[string, Check, string, RegExp]>([
    ['web-warm', dependencies, 'passed', /^`\[deps 4\/4\] RUN yarn install [^`]*` CACHED\.$/],
    ['web-warm', all, 'passed', / and 5 more CACHED\.$/],
    ['web-warm', noMiss, 'passed', /^Nothing missed: 9 of 9 steps were CACHED\.$/],
    ['gha-warm', transfers, 'passed', /^1 imported and 1 exported, each without an error\.$/],
    ['gha-429', transfers, 'failed', /^gha `gha:\d+`: `maximum timeout reached: resource_exhausted`$/],
    ['web-warm', transfers, 'cannot-tell', /^The log shows 0 imports and 0 exports of a cache\.$/],
    ['classic-warm', dependencies, 'passed', /^`RUN yarn install [^`]*` CACHED\.$/],
    ['web-source-change', dependencies, 'passed', /^`\[deps 4\/4\] RUN yarn install [^`]*` CACHED\.$/],
    [
      'web-source-change',
      all,
      'passed',
      /`\[builder 4\/5\] COPY \. \.` ran because web\/src\/price\.ts changed, as exp/,
    ],
    ['web-source-change', noMiss, 'passed', /what ran is in the table of triggers: `\[builder 4\/5\] COPY \. \.`, bec/],
    // the sources changed, the recipe did not
    ['service-source-change', dependencies, 'passed', /^`\[cacher 2\/2\] RUN cargo chef cook [^`]*` CACHED\.$/],
    [
      'bake-web-source-change',
      dependencies,
      'passed',
      /`\[web deps 4\/4\].*, `\[service cacher 2\/2\][^`]*` CACHED\.$/,
    ],
    // as expected, but nothing was found in a cache that would show that it works
    [
      'service-cargo-lock-change',
      dependencies,
      'cannot-tell',
      /chef cook.* ran after .*, because .* changed, as expected\./,
    ],
    ['service-cargo-lock-change', noMiss, 'passed', /in the table of triggers: `\[planner 1\/2\] COPY \. \.`/],
    ['web-yarn-lock-change', dependencies, 'cannot-tell', /as expected\. A build without that change will show\.$/],
    // sources before the install
    [
      'badorder-source-change',
      dependencies,
      'failed',
      /^`\[build 4\/5\] RUN yarn install [^`]*` ran after `\[build 3\/5\] COPY/,
    ],
    [
      'badorder-source-change',
      noMiss,
      'failed',
      /^`\[build 3\/5\] COPY \. \.` missed \(file-changed\): web\/src\/app\.ts/,
    ],
    ['badorder-warm', noMiss, 'passed', /^Nothing missed/],
    ['docs-change-in-root-context', dependencies, 'failed', /because docs\/runbook\.md changed\. The table of trig/],
    ['arg-git-sha-before-install', noMiss, 'failed', /missed \(build-arg-changed\): build argument GIT_SHA/],
    ['cache-pruned', noMiss, 'failed', /^`\[deps 2\/4\] WORKDIR \/app` missed \(pruned\)/],
    ['no-cache-flag', dependencies, 'cannot-tell', /^This build was made without cache; the next one will show\.$/],
    ['no-cache-flag', noMiss, 'cannot-tell', /^This build was made without cache/],
    ['run-tsc-error', dependencies, 'cannot-tell', /CACHED\. The job did not pass, so other steps may not have been/],
    ['run-tsc-error', noMiss, 'cannot-tell', /^The job did not pass/],
    ['run-tsc-error', check('job-passes'), 'failed', /^Job `build` failed: The application does not compile\.$/],
    ['run-tsc-error', check('build-time'), 'cannot-tell', /^The job did not pass/],
    ['web-warm', check('job-passes'), 'passed', /^The run passed in 3 min 20 s\.$/],
    ['web-warm', check('build-time'), 'passed', /^The steps of the build took 0 s; the limit is 10 min\.$/],
    [
      'web-cold',
      check('build-time', { minutes: 0.02 }),
      'failed',
      /^The steps of the build took between 2 s and 6 s; the/,
    ],
    [
      'service-cargo-lock-change',
      check('build-time', { minutes: 0.001 }),
      'cannot-tell',
      /^Dependencies changed in this/,
    ],
    ['no-cache-flag', check('build-time', { minutes: 0.001 }), 'cannot-tell', /^This build was made without cache/],
  ])('%s, %j: %s', async (id, check, state, evidence) => {
    expect(checkItem(check, await labFacts(id), nothing)).toEqual({ state, evidence: expect.stringMatching(evidence) })
  })

  test('what a prune or a rebuild made cold is not held against the build', async () => {
    const pruned = await labFacts('cache-pruned')
    for (const operation of ['prune-caches', 'prune-tags', 'prune-builder', 'rebuild'])
      for (const checked of [dependencies, all, noMiss])
        expect(checkItem(checked, pruned, following(operation))).toMatchObject({ state: 'cannot-tell' })
    expect(checkItem(noMiss, pruned, following('rerun-failed'))).toMatchObject({ state: 'failed' })
  })

  test('a prune excuses no other miss', async () => {
    const bad = await labFacts('badorder-source-change')
    expect(checkItem(noMiss, bad, following('prune-caches'))).toMatchObject({ state: 'failed' })
  })
})

describe('steps that install', () => {
  const ran = { status: 'executed', seconds: 9 } as const
  const steps = (...names: string[]) => factsOf({ jobs: [jobOf([{ steps: names.map((name) => ({ name })) }])] })

  test('a second install of the same tool, after a cached one, is that of the project', () => {
    const build = {
      steps: [
        { name: '[deps 2/4] RUN poetry install --no-root' },
        { name: '[deps 3/4] COPY . .', ...ran },
        { name: '[deps 4/4] RUN poetry install', ...ran },
      ],
      misses: [{ expected: false, files: ['src/a.py'] }],
    }
    expect(checkItem(dependencies, factsOf({ jobs: [jobOf([build])] }), nothing)).toEqual({
      state: 'passed',
      evidence: '`[deps 2/4] RUN poetry install --no-root` CACHED.',
    })
  })

  test('what installs the project itself, or named packages, counts for none', () => {
    const facts = steps('[deps 2/4] RUN pip install .', '[deps 3/4] RUN apt-get install -y git', '[deps 4/4] COPY . .')
    expect(checkItem(dependencies, facts, nothing)).toEqual({
      state: 'cannot-tell',
      evidence: 'None of the 3 steps that the build shows is known to install dependencies only.',
    })
  })

  test('each platform has its own reason', () => {
    const step = (arch: string) => `[linux/${arch} deps 4/4] RUN npm ci`
    const build = {
      steps: [
        { name: step('amd64'), ...ran },
        { name: step('arm64'), ...ran },
      ],
      misses: [
        { step: '[linux/amd64 deps 3/4] COPY package.json ./', expected: true },
        { step: '[linux/arm64 deps 2/4] WORKDIR /app', expected: false, reason: 'base-image-moved' as const },
      ],
    }
    const { state, evidence } = checkItem(dependencies, factsOf({ jobs: [jobOf([build])] }), nothing)
    expect(state).toBe('failed')
    expect(evidence).toMatch(/^`\[linux\/arm64 deps 4\/4\] RUN npm ci` ran after `\[linux\/arm64 deps 2\/4\]/)
  })

  test.each([
    ['nobody knows whether it had to', { expected: null }],
    ['the reason is a guess', { expected: false, certainty: 'low' as const }],
  ])('it is left to people when %s', (_why, miss) => {
    const build = { steps: [{ name: '[deps 4/4] RUN npm ci', ...ran }], misses: [miss] }
    const facts = factsOf({ jobs: [jobOf([build])] })
    expect(checkItem(dependencies, facts, nothing).state).toBe('cannot-tell')
    expect(checkItem(noMiss, facts, nothing).state).toBe('cannot-tell')
  })

  test('what follows a stage that a prune emptied is excused with it', () => {
    const build = {
      steps: [{ name: '[app 2/2] RUN npm ci', ...ran }],
      misses: [
        { stage: 'base', reason: 'evicted' as const, expected: false },
        { stage: 'app', reason: 'upstream-stage-changed' as const, expected: false },
      ],
    }
    const facts = factsOf({ jobs: [jobOf([build])] })
    expect(checkItem(dependencies, facts, following('prune-caches')).state).toBe('cannot-tell')
    expect(checkItem(dependencies, facts, following('rerun-failed')).state).toBe('failed')
  })
})

describe('the time of a build', () => {
  const slow = { name: '[app 3/3] RUN make', status: 'executed', seconds: 400 } as const
  const other = { name: '[web 3/3] RUN make', status: 'executed', seconds: 300 } as const
  const at = (minutes: number, facts: ReturnType<typeof factsOf>) =>
    checkItem(check('build-time', { minutes }), facts, nothing)

  test('is what the clock tells, where it tells', () => {
    const times: [number | null, number | null][][] = [
      [
        [0, 400],
        [100, 400],
      ],
    ]
    const facts = factsOf({ seconds: 900, jobs: [jobOf([{ steps: [slow, other] }], { times })] })
    expect(at(7, facts)).toEqual({
      state: 'passed',
      evidence: 'The steps of the build took 6 min 40 s; the limit is 7 min.',
    })
    expect(at(6, facts).state).toBe('failed')
  })

  test('without a clock lies between the longest step and all together', () => {
    const facts = factsOf({ seconds: null, jobs: [jobOf([{ steps: [slow, other] }])] })
    expect(at(12, facts).state).toBe('passed')
    expect(at(10, facts)).toEqual({
      state: 'cannot-tell',
      evidence: 'The log does not tell how long the build took.',
    })
    expect(at(6, facts).state).toBe('failed')
  })

  test('of several builds in one job is that of all; of several jobs, of the longest', () => {
    const build = { steps: [slow] }
    const together = factsOf({ seconds: 4_000, jobs: [jobOf([build, build])] })
    expect(at(10, together).state).toBe('cannot-tell')
    const apart = factsOf({ seconds: 4_000, jobs: [jobOf([build]), jobOf([build], { id: 2 })] })
    expect(at(10, apart).state).toBe('passed')
  })

  test('is short enough when the whole run was', () => {
    const untimed = { ...slow, seconds: null }
    const facts = factsOf({ seconds: 61, jobs: [jobOf([{ steps: [untimed] }])] })
    expect(at(2, facts)).toEqual({ state: 'passed', evidence: 'The whole run took 1 min 1 s; the limit is 2 min.' })
  })
})

describe('how the run ended', () => {
  const failed = (after: { fingerprint: string; causeId: string | null }) =>
    factsOf({
      conclusion: 'failure',
      after,
      jobs: [jobOf([], { conclusion: 'failure', diagnosis: causeOf({ id: after.causeId ?? 'x', title: 'Lost' }) })],
    })
  const same = check('not-same-failure')

  test('another failure is not the same', () => {
    expect(
      checkItem(same, failed({ fingerprint: 'push-denied:9', causeId: 'push-denied' }), following('rebuild')),
    ).toEqual({
      state: 'passed',
      evidence: 'It failed for another cause. Job `build` failed: Lost.',
    })
    expect(
      checkItem(same, failed({ fingerprint: 'disk-full-builder:1', causeId: null }), following('rebuild')).state,
    ).toBe('failed')
    expect(checkItem(same, factsOf(), nothing).state).toBe('passed')
  })

  test('it is not known whether it is the same when there is no log, or nothing failed before', () => {
    const noLog = failed({ fingerprint: 'no-log', causeId: null })
    expect(checkItem(same, noLog, following('rebuild')).state).toBe('cannot-tell')
    expect(checkItem(same, failed({ fingerprint: 'a', causeId: 'a' }), nothing).state).toBe('cannot-tell')
  })

  test.each(['cancelled', 'skipped', 'startup_failure', 'action_required', null])('%s says nothing', (conclusion) => {
    for (const name of ['job-passes', 'not-same-failure', 'steps-cached', 'build-time', 'no-unexpected-miss'] as const)
      expect(checkItem(check(name), factsOf({ conclusion }), following('rebuild')).state).toBe('cannot-tell')
  })

  test('a run without an image build says nothing about caches', () => {
    const facts = factsOf({ jobs: [jobOf([]), jobOf([], { name: 'test' })] })
    for (const checked of [dependencies, noMiss, transfers, check('build-time')])
      expect(checkItem(checked, facts, nothing)).toEqual({
        state: 'cannot-tell',
        evidence: 'There is no image build in the logs that were read (`build`, `test`).',
      })
    const unread = factsOf({ jobs: [jobOf([], { explanation: null })] })
    expect(checkItem(noMiss, unread, nothing).evidence).toBe('No log of this run could be read.')
  })
})

test('whatever a log says, the evidence is one short line without control characters or secrets', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc.constantFrom('`<!channel>`\n\u202e\u0000', `RUN curl https://u:${'s3cr3tpassw0rd'}@example.com`, '\ud800'),
  )
  const checks = fc.constantFrom(dependencies, all, noMiss, check('build-time'), check('job-passes'))
  fc.assert(
    fc.property(text, text, checks, fc.constantFrom('success', 'failure'), (name, detail, checked, conclusion) => {
      const build = {
        steps: [{ name: `[deps 2/2] RUN npm ci ${name}`, status: 'executed' as const }],
        misses: [{ step: name, detail, files: [name], expected: false }],
      }
      const job = jobOf([build], { name, conclusion, diagnosis: causeOf({ title: detail }) })
      const { evidence } = checkItem(checked, factsOf({ conclusion, jobs: [job] }), nothing)
      expect([...evidence].length).toBeLessThanOrEqual(400)
      expect(evidence).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      expect(evidence).not.toContain('s3cr3tpassw0rd')
      expect(evidence.isWellFormed()).toBe(true)
    }),
  )
})
