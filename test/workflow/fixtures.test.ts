import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readBake } from '../../src/workflow/bake.ts'
import { cacheTrouble } from '../../src/workflow/cache-trouble.ts'
import { readWorkflow } from '../../src/workflow/read-workflow.ts'

const folder = 'test/fixtures/workflows'
const fixture = (name: string) => readWorkflow(readFileSync(`${folder}/${name}`, 'utf8'), name)

test.each(globSync(`${folder}/*.yml`))('nothing is wrong with %s', (file) => {
  const workflow = readWorkflow(readFileSync(file, 'utf8'), file)
  expect(workflow.problems).toEqual([])
  expect(cacheTrouble(workflow)).toEqual([])
})

test('one scope for all targets of a bake file', () => {
  const bakeOf = () => readBake(readFileSync(`${folder}/docker-bake.hcl`, 'utf8'), 'docker-bake.hcl')
  const workflow = { ...fixture('bake.yml') }
  workflow.builds = workflow.builds.map((build) => ({ ...build, bake: build.bake && { ...build.bake, targets: [] } }))
  expect(cacheTrouble(workflow, { bakeOf }).map(({ kind, file, line }) => [kind, file, line])).toEqual([
    ['scope-clobbered', 'bake.yml', 24],
  ])
})

test('a matrix of platforms, each on its own runner', () => {
  const { jobs, builds } = fixture('platforms-by-digest.yml')
  expect(jobs[0]?.matrix).toMatchObject({
    symbolic: false,
    legs: [{ platform: 'linux/amd64', runner: 'ubuntu-latest' }, { platform: 'linux/arm64' }],
  })
  expect(builds).toMatchObject([
    {
      gitContext: true,
      context: '.',
      file: 'Dockerfile',
      push: 'yes',
      driver: 'docker-container',
      step: { id: 'build' },
    },
  ])
})

test('what a bake step asks for, and who may start it', () => {
  const { triggers, permissions, jobs, builds } = fixture('bake.yml')
  expect(triggers.dispatch).toEqual([{ name: 'no_cache', type: 'boolean', default: 'false', required: false, line: 6 }])
  expect([permissions, jobs[0]?.permissions]).toEqual([{ '*': 'read' }, { contents: 'read', packages: 'write' }])
  expect(builds).toMatchObject([
    { noCache: 'conditional', noCacheLine: 21, cacheTo: [{ scope: 'build', mode: 'max', line: 24 }] },
  ])
  expect(builds[0]?.bake).toMatchObject({
    files: ['./docker-bake.hcl', '${{ steps.meta.outputs.bake-file }}'],
    targets: ['build'],
  })
})

test('reusable workflows are named', () => {
  expect(fixture('reusable.yml').jobs.map(({ uses }) => uses)).toEqual([
    { workflow: 'acme/shared/.github/workflows/image.yml@main', line: 5 },
    { workflow: './.github/workflows/image.yml', line: 9 },
  ])
})

const lab = '/work/shared/lab/project/.github/workflows/ci.yml'

test.runIf(existsSync(lab))('the lab project', () => {
  expect(cacheTrouble(readWorkflow(readFileSync(lab, 'utf8'), 'ci.yml'))).toEqual([])
})
