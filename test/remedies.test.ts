import { describe, expect, test } from 'vitest'
import { githubDescription } from './support/openapi.ts'
import { failureOf, first, second, startRemedyWorld } from './support/remedy-world.ts'
import { failingRun, greenRun, until } from './support/start-bot.ts'

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

describe('from a failure to its verdict', () => {
  test('re-run: offered, asked for, done at GitHub, and the green attempt closes the checklist', async () => {
    await using world = await startRemedyWorld()
    const run = await world.github.finishRun(failingRun('gha-429'))
    await world.press('Re-run failed job')
    await until(() => world.github.reruns.length === 1)
    expect(world.github.reruns).toMatchObject([{ runId: run.runId, jobId: null, debug: false }])
    await world.reads(/Re-run of the failed jobs?: asked by .*done/)
    await world.github.finishRun(greenRun({ runId: run.runId }))
    const text = await world.reads(/Verdict: fixed.*flaky/s)
    expect(text).toMatch(/passed/)
    expect(world.github.reruns).toHaveLength(1)
    expect(githubDescription().problemsOf(world.github.requests)).toEqual([])
  })

  test('rebuild: the workflow is started with its own input, the run is followed and judged', async () => {
    await using world = await startRemedyWorld()
    const sha = world.github.commit({ files: { '.github/workflows/ci.yml': workflow, Dockerfile: 'FROM alpine\n' } })
    await world.github.finishRun(failureOf('gha-cache-blob-missing', { sha }))
    await world.press('Rebuild without cache')
    await until(() => world.github.dispatches.length === 1)
    expect(world.github.dispatches).toMatchObject([
      { workflow: '.github/workflows/ci.yml', ref: 'main', inputs: { 'no-cache': 'true' } },
    ])
    await world.reads(/Rebuild without cache.*: asked by .*done/)
    await world.github.finishRun(greenRun({ runId: world.github.dispatches[0]?.runId ?? 0 }))
    await world.reads(/Verdict: fixed/)
    expect(world.github.dispatches).toHaveLength(1)
  })

  test('prune: previewed, agreed to by a second person, deleted entry by entry, and the next build closes the checklist', async () => {
    await using world = await startRemedyWorld()
    for (const scope of ['web', 'api'])
      world.github.addCache({ key: `index-${scope}-1-0a1b2c3d#1`, ref: 'refs/heads/main', sizeBytes: 4_000 })
    world.github.addCache({ key: `buildkit-blob-1-sha256:${'a'.repeat(64)}`, ref: 'refs/heads/main', sizeBytes: 80_000_000 })
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
    await world.github.finishRun(greenRun())
    await world.reads(/Verdict: fixed/)
  }, 90_000)
})
