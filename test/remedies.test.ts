import { describe, expect, test } from 'vitest'
import type { ScriptedRun } from '../src/playground/github.ts'
import { startFakeEngine } from './docker/fake-engine.ts'
import { githubDescription } from './support/openapi.ts'
import { failureOf, first, second, startRemedyWorld } from './support/remedy-world.ts'
import { failingRun, greenRun, labLog, until } from './support/start-bot.ts'

const workflow = `name: CI
on:
  push:
  workflow_dispatch:
    inputs:
      no-cache:
        type: boolean
        default: false
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: .
          no-cache: \${{ inputs.no-cache || false }}
          cache-from: type=gha
          cache-to: type=gha,mode=max
`

/** A green run whose builds found and wrote their cache. */
const warm = (more: Partial<ScriptedRun> = {}): ScriptedRun => ({
  workflow: 'CI',
  jobs: [{ name: 'build', conclusion: 'success', log: labLog('gha-warm') }],
  ...more,
})

describe('from a failure to its verdict', () => {
  test('re-run: offered, agreed to, done at GitHub, and the green attempt closes the checklist', async () => {
    await using world = await startRemedyWorld({ policy: { approvals: { rerun: 1 } } })
    const run = await world.github.finishRun(failingRun('gha-429'))
    await world.press('Re-run failed job')
    await world.reads(/Waits for one more person: Re-run of the failed jobs/)
    await world.press('Approve: re-run', second)
    await until(() => world.github.reruns.length === 1)
    expect(world.github.reruns).toMatchObject([{ runId: run.runId, jobId: null, debug: false }])
    await world.reads(/Re-run of the failed jobs?: asked by .*done/)
    await world.github.finishRun(warm({ runId: run.runId }))
    const text = await world.reads(/Verdict: fixed.*flaky.*3 of 3 passed/s)
    expect(text).toMatch(/checked by itself/)
    expect(world.github.reruns).toHaveLength(1)
    expect(githubDescription().problemsOf(world.github.requests)).toEqual([])
  })

  test('rebuild: the workflow is started with its own input, the run is judged, and the next build closes the checklist', async () => {
    await using world = await startRemedyWorld({ policy: { approvals: { rebuild: 1 } } })
    const sha = world.github.commit({ files: { '.github/workflows/ci.yml': workflow, Dockerfile: 'FROM alpine\n' } })
    await world.github.finishRun(failureOf('gha-cache-blob-missing', { sha }))
    await world.press('Rebuild without cache')
    await world.reads(/Waits for one more person: Rebuild without cache/)
    await world.press('Approve: rebuild', second)
    await until(() => world.github.dispatches.length === 1)
    expect(world.github.dispatches).toMatchObject([
      { workflow: '.github/workflows/ci.yml', ref: 'main', inputs: { 'no-cache': 'true' } },
    ])
    await world.reads(/Rebuild without cache.*: asked by .*done/)
    const jobs = [{ name: 'build', conclusion: 'success', log: labLog('no-cache-flag') }]
    await world.github.finishRun({ workflow: 'CI', runId: world.github.dispatches[0]?.runId ?? 0, jobs })
    await world.reads(/Verdict: fixed.*This build was made without cache; the next one will show/s)
    await world.github.finishRun(warm())
    await world.reads(/3 of 3 passed/)
    expect(world.github.dispatches).toHaveLength(1)
  })

  test('prune: previewed, agreed to by a second person, deleted entry by entry, and the next build closes the checklist', async () => {
    await using world = await startRemedyWorld()
    for (const scope of ['web', 'api'])
      world.github.addCache({ key: `index-${scope}-1-0a1b2c3d#1`, ref: 'refs/heads/main', sizeBytes: 4_000 })
    world.github.addCache({
      key: `buildkit-blob-1-sha256:${'a'.repeat(64)}`,
      ref: 'refs/heads/main',
      sizeBytes: 80_000_000,
    })
    world.github.addCache({ key: 'index-web-1-0a1b2c3d#1', ref: 'refs/heads/other', sizeBytes: 4_000 })
    await world.github.finishRun(failureOf('gha-cache-blob-missing'))
    await world.press('Prune cache index of main')
    const preview = await world.reads(/Waits for one more person/)
    expect(preview).toMatch(/index-web-1/)
    expect(preview).toMatch(/index-api-1/)
    expect(preview).not.toMatch(/refs\/heads\/other/)
    expect(world.github.deletedCaches).toEqual([])
    await world.press('Prune 2 entries', first)
    await world.told(first, /somebody else has to agree/)
    expect(world.github.deletedCaches).toEqual([])
    await world.press('Prune 2 entries', second)
    await until(() => world.github.deletedCaches.length === 2, 30_000)
    await world.reads(/All 2 entries are gone/, 30_000)
    expect(world.github.deletedCaches.map(({ key, ref }) => [key, ref]).toSorted()).toEqual([
      ['index-api-1-0a1b2c3d#1', 'refs/heads/main'],
      ['index-web-1-0a1b2c3d#1', 'refs/heads/main'],
    ])
    await world.github.finishRun(warm())
    await world.reads(/Verdict: fixed.*3 of 3 passed/s)
  }, 90_000)
})

describe('what only some teams have', () => {
  test('prune of a builder: offered when its disk is full, its records previewed, agreed to and gone', async () => {
    const engine = await startFakeEngine()
    try {
      const builder = { name: 'ci', url: engine.url, certificates: null, repository: 'acme/platform' }
      await using world = await startRemedyWorld({ policy: { builders: [builder] } })
      await world.github.finishRun(failureOf('disk-full-builder'))
      await world.press('Prune cache of builder ci')
      const preview = await world.reads(/Waits for one more person: Prune of \d+ build cache records/)
      const count = Number(/Prune of (\d+) build cache records/.exec(preview)?.[1])
      const before = engine.records.length
      await world.press(`Prune ${count} entries`, second)
      await world.reads(new RegExp(`All ${count} entries are gone`))
      expect(engine.records.length).toBe(before - count)
      await world.github.finishRun(greenRun())
      await world.reads(/Verdict: fixed/)
    } finally {
      await engine.close()
    }
  })

  test('prune of cache tags: asked for in a form, which names what is wrong with it', async () => {
    await using world = await startRemedyWorld()
    for (const tags of [['cache-main'], ['cache-old'], ['v1.2.3'], ['latest', 'cache-live']])
      world.github.addVersion({ owner: 'acme', name: 'web', tags })
    world.github.packages.link('acme', 'web', 'acme/platform')
    const form = async () => {
      await world.slack.command('prune acme/platform')
      await until(() => world.slack.modals.length > 0)
      const [modal] = world.slack.modals
      if (!modal) throw new Error('no form stands open')
      return modal
    }
    const wrong = await world.slack.submit(await form(), { what: 'tags', image: 'web' })
    expect(Object.keys(wrong.errors).toSorted()).toEqual(['image', 'tags'])
    const [modal] = world.slack.modals
    if (!modal) throw new Error('the form closed though something was wrong')
    await world.slack.submit(modal, { what: 'tags', image: 'ghcr.io/acme/web', tags: 'cache-*' })
    await world.reads(/Waits for one more person: Prune of 2 /)
    await world.press('Prune 2 entries', second)
    await world.reads(/All 2 entries are gone/, 30_000)
    const left = world.github.packages.versionsOf('acme', 'web') ?? []
    expect(left.flatMap(({ tags }) => tags).toSorted()).toEqual(['cache-live', 'latest', 'v1.2.3'])
  }, 60_000)

  test('what belongs to another repository is pruned by nobody of this one', async () => {
    const foreign = { name: 'theirs', url: 'unix:///nowhere', certificates: null, repository: 'acme/secret' }
    await using world = await startRemedyWorld({ policy: { builders: [foreign] } })
    world.github.addVersion({ owner: 'acme', name: 'secret', tags: ['cache'] })
    const ask = async (values: Record<string, string>) => {
      await world.slack.command('prune acme/platform')
      await until(() => world.slack.modals.length > 0)
      const [modal] = world.slack.modals
      if (modal) await world.slack.submit(modal, values)
    }
    const tags = { what: 'tags', image: 'ghcr.io/acme/secret', tags: 'cache' }
    await ask(tags)
    await world.told(first, /linked to no repository/)
    world.github.packages.link('acme', 'secret', 'acme/secret')
    await ask(tags)
    await world.told(first, /belongs to acme\/secret, not to acme\/platform/)
    await ask({ what: 'builder:theirs' })
    await world.told(first, /no builder theirs of acme\/platform/)
    expect(world.github.deletedVersions).toEqual([])
  })

  test('a rebuild that would not help is not started, and why is said', async () => {
    await using world = await startRemedyWorld()
    world.github.commit({ files: { '.github/workflows/ci.yml': workflow } })
    await world.github.finishRun(failingRun('gha-429'))
    await world.reads(/Re-run failed job/)
    await world.slack.command('rebuild acme/platform@main')
    await until(() => world.slack.modals.length > 0)
    const [modal] = world.slack.modals
    if (modal) await world.slack.submit(modal, {})
    await world.told(first, /would (not help|do harm): .*Nothing was started/s)
    expect(world.github.dispatches).toEqual([])
  })
})

describe('a checklist', () => {
  test('that somebody asked for answers itself from the run', async () => {
    await using world = await startRemedyWorld()
    const run = await world.github.finishRun(greenRun())
    await world.slack.command(`verify ${world.github.baseUrl}/acme/platform/actions/runs/${run.runId}`)
    const text = await world.reads(/Checklist of docker-layer-caching.*3 of 3/s)
    expect(text).toMatch(/CACHED.*checked by itself/s)
  })

  test('is answered by people, by whoever is there, with their reasons', async () => {
    await using world = await startRemedyWorld()
    const run = await world.github.finishRun(failingRun('run-network-dns'))
    await world.press('Re-run failed job')
    await world.reads(/To check · 3\./)
    await world.press('✗ Failed', second)
    await until(() => world.slack.modals.length > 0)
    const [modal] = world.slack.modals
    if (!modal) throw new Error('no form stands open')
    await world.slack.as(second).submit(modal, { reason: 'curl still hides it' })
    await world.told(second, /Noted/)
    await world.reads(/Failed · 3\..*curl still hides it.*U0PERSON02/s)
    await world.github.finishRun(greenRun({ runId: run.runId }))
    await world.reads(/2 of 3 passed.*Verdict: fixed/s)
  })

  test('and thumbs are counted, the last word of each person', async () => {
    await using world = await startRemedyWorld()
    await world.github.finishRun(failingRun('gha-429'))
    await world.press('Wrong')
    await world.told(first, /Thank/)
    await world.press('Right')
    await world.told(first, /Thank/)
    await world.slack.command('runbook stats')
    expect(await world.told(first, /How right the rules are/)).toMatch(/1 cause/)
  })
})
