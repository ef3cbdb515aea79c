import { describe, expect, test } from 'vitest'
import type { Outage } from '../src/playground/github.ts'
import { askForPrune, failureOf, first, type RemedyWorld, second, startRemedyWorld } from './support/remedy-world.ts'
import { failingRun, greenRun, until } from './support/start-bot.ts'

/** What holds a remedy up, and what becomes of it when GitHub does not do as it is told. */

const rerun = 'Re-run failed job'
const rebuild = 'Rebuild without cache'

/** GitHub's list of caches when it was asked, and what the bot asked it to delete. */
function deletions({ github }: RemedyWorld): string[] {
  return github.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path)
}

describe('until an admin turns it off, the dry run', () => {
  test('says so before anybody agrees, does nothing at GitHub, and says what it would have done', async () => {
    await using world = await startRemedyWorld({ dry: true })
    await askForPrune(world)
    await world.reads(/dry run: nothing will be changed/)
    await world.press('Prune 2 entries', second)
    const text = await world.reads(/Dry run: nothing was changed\. It would have deleted 2 cache entries/)
    expect(text).not.toMatch(/Checklist/)
    expect(world.changes()).toEqual([])
    expect(await world.audited('ran')).toMatchObject([{ what: 'prune-caches', reason: 'dry run' }])
  })

  test('is turned off and on again by admins only', async () => {
    await using world = await startRemedyWorld({ dry: true, policy: { roles: [] } })
    await world.slack.command('dry-run off')
    await world.told(first, /no role is configured/)
    expect(await world.audited('denied')).toMatchObject([{ slackId: first, what: 'dry-run-off' }])
    expect(await world.audited('dry-run-off', 0)).toEqual([])
  })
})

describe('what holds a remedy up', () => {
  test('a pause, which names who; after it the same button works', async () => {
    await using world = await startRemedyWorld()
    await world.github.finishRun(failingRun('gha-429'))
    await world.button(rerun)
    await world.slack.as(second).command('pause')
    await world.reads(/paused/i)
    await world.press(rerun)
    await world.reads(/Not carried out.*Remedies are paused since/s)
    await world.reads(/remedies are paused by <@U0PERSON02>/)
    expect(world.changes()).toEqual([])
    expect(await world.audited('skipped')).toMatchObject([
      { reason: expect.stringMatching(/^paused by U0PERSON02 at /) },
    ])
    await world.slack.command('resume')
    await world.reads(/resumed/i)
    await world.press(rerun)
    await world.reads(/Re-run of the failed jobs: asked by .*done/)
    expect(world.github.reruns).toHaveLength(1)
  })

  test('a remedy that was made shortly before: when it can be made again is said', async () => {
    await using world = await startRemedyWorld({ policy: { cooldownMinutes: { rerun: 10 } } })
    const { runId } = await world.github.finishRun(failingRun('gha-429'))
    await world.press(rerun)
    await until(() => world.github.reruns.length === 1)
    await world.github.finishRun(failingRun('gha-429', { runId }))
    await world.reads(/Verdict: same failure again/)
    await world.press(rerun)
    await world.reads(/done here shortly before\. It can be done again from \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    expect(world.github.reruns).toHaveLength(1)
  })

  test('the hour’s limit for a person, which is said with its end', async () => {
    await using world = await startRemedyWorld({ policy: { hourly: { repository: 9, person: 1, installation: 9 } } })
    const { runId } = await world.github.finishRun(failingRun('gha-429'))
    await world.press(rerun)
    await until(() => world.github.reruns.length === 1)
    await world.github.finishRun(failingRun('gha-429', { runId }))
    await world.reads(/Verdict: same failure again/)
    await world.press(rerun)
    await world.reads(/1 remedy an hour for one person is the limit.*can run from \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    await world.press(rerun, second)
    await until(() => world.github.reruns.length === 2)
    expect(await world.audited('skipped')).toMatchObject([
      { slackId: first, reason: expect.stringMatching(/per person/) },
    ])
  })

  test('another rebuild of the branch, until its run has ended', async () => {
    await using world = await startRemedyWorld({ policy: { cooldownMinutes: { rebuild: 0 } } })
    const sha = world.github.commit({ files: { '.github/workflows/ci.yml': workflow } })
    await world.github.finishRun(failureOf('gha-cache-blob-missing', { sha }))
    await world.press(rebuild)
    await until(() => world.github.dispatches.length === 1)
    await world.reads(/Rebuild without cache: asked by .*done/)
    await world.press(rebuild, second)
    await world.reads(/octo-admin has another one under way here.* until \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    expect(await world.audited('skipped')).toMatchObject([
      { slackId: second, reason: expect.stringMatching(/^locked by /) },
    ])
    expect(world.github.dispatches).toHaveLength(1)
    const { runId } = world.github.dispatches[0] ?? { runId: 0 }
    await world.github.finishRun(greenRun({ runId, conclusion: 'cancelled' }))
    await world.audited('verdict')
    await world.press(rebuild, second)
    await until(() => world.github.dispatches.length === 2)
  })

  test('a list that has changed since people agreed: nothing goes, and the new list is asked about', async () => {
    await using world = await startRemedyWorld()
    await askForPrune(world)
    world.github.addCache({ key: 'index-tools-1-0a1b2c3d#1', ref: 'refs/heads/main', sizeBytes: 4_000 })
    await world.press('Prune 2 entries', second)
    await world.reads(/What was agreed to has changed since, so nothing was done/)
    const text = await world.reads(/Waits for one more person: Prune of 3 cache entries/)
    expect(text).toMatch(/index-tools-1/)
    expect(world.changes()).toEqual([])
    const kinds = (await world.audit()).map(({ kind }) => kind).filter((kind) => kind !== 'linked')
    expect(kinds).toEqual(['dry-run-off', 'asked', 'approved', 'skipped', 'asked'])
    const [before, after] = (await world.audited('asked')).map(({ planHash }) => planHash)
    expect(before).not.toBe(after)
  })
})

describe('a re-run that GitHub', () => {
  const failing = async (outage: Outage) => {
    const world = await startRemedyWorld()
    await world.github.finishRun(failingRun('gha-429'))
    await world.button(rerun)
    world.github.failNext(outage)
    await world.press(rerun)
    return world
  }

  test.each([
    [403, 'This workflow run cannot be retried'],
    [422, 'The workflow is disabled'],
  ])('refuses (%i) has failed with GitHub’s words, and can be asked for again', async (status, message) => {
    await using world = await failing({ match: 'rerun-failed-jobs', status, body: { message } })
    await world.reads(new RegExp(`Failed: Re-run of the failed jobs.*${message}`, 's'))
    expect(await world.audited('failed')).toMatchObject([{ result: expect.stringContaining(message) }])
    await world.press(rerun)
    await world.reads(/Re-run of the failed jobs: asked by .*done/)
    expect(world.github.reruns).toHaveLength(1)
  })

  test('begins without saying so is looked up, and not begun twice', async () => {
    await using world = await failing({ match: 'rerun-failed-jobs', lost: true })
    await world.reads(/Done: Re-run of the failed jobs.*run again as attempt 2/s)
    expect(world.github.reruns).toHaveLength(1)
    expect(world.changes()).toHaveLength(1)
  })

  test('neither begins nor refuses is looked for, and called failed once it is not found', async () => {
    await using world = await failing({ match: 'rerun-failed-jobs', status: 502 })
    await world.reads(/Failed: Re-run of the failed jobs.*Nothing runs; ask again/s)
    expect(world.github.reruns).toEqual([])
    expect(world.changes()).toHaveLength(1)
  })
})

describe('a rebuild whose answer is lost', () => {
  test('is found by its run, and not started again', async () => {
    await using world = await startRemedyWorld()
    const sha = world.github.commit({ files: { '.github/workflows/ci.yml': workflow } })
    await world.github.finishRun(failureOf('gha-cache-blob-missing', { sha }))
    world.github.failNext({ match: '/dispatches', lost: true })
    await world.press(rebuild)
    await world.reads(/Done: Rebuild without cache/)
    expect(world.github.dispatches).toHaveLength(1)
    const [ran] = await world.audited('ran')
    expect(ran?.link).toContain(`/actions/runs/${world.github.dispatches[0]?.runId}`)
  })
})

describe('a prune in whose middle GitHub', () => {
  test.each([
    ['is down', { status: 502, times: 3 }],
    ['asks to wait', { status: 429, headers: { 'retry-after': '1' }, times: 2 }],
  ])('%s goes on later, and deletes only what was agreed to', async (_, outage) => {
    await using world = await startRemedyWorld()
    await askForPrune(world)
    world.github.addCache({ key: 'index-web-1-0a1b2c3d#1', ref: 'refs/heads/other', sizeBytes: 4_000 })
    const ids = world.github.requests
      .filter(({ path }) => path.endsWith('/actions/caches'))
      .flatMap(({ answer }) => (answer as { actions_caches: { id: number }[] }).actions_caches.map(({ id }) => id))
    world.github.failNext({ match: new RegExp(`DELETE .*/${ids[0]}$`), ...outage })
    await world.press('Prune 2 entries', second)
    await world.reads(/All 2 entries are gone/, 40_000)
    expect(world.github.deletedCaches.map(({ id }) => id).toSorted()).toEqual([...new Set(ids)].toSorted())
    expect(new Set(deletions(world))).toEqual(new Set(ids.map((id) => `/repos/acme/platform/actions/caches/${id}`)))
    expect(await world.audited('ran')).toHaveLength(1)
  })
})

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
          no-cache: \${{ inputs.no-cache || false }}
`
