import { describe, expect, test } from 'vitest'
import { buildsOfJob, jobNamed } from '../../src/workflow/job-leg.ts'
import { readWorkflow } from '../../src/workflow/read-workflow.ts'

/** How GitHub lists the jobs of a workflow, and which job and leg of a matrix that is. */

const read = (jobs: string) => readWorkflow(`on: push\njobs:\n${jobs}`, 'ci.yml')
const $ = '$'

const plain = read(`
  build:
    steps:
      - uses: docker/build-push-action@v6
        with: { context: web }
  image:
    name: Build the image
    steps:
      - uses: docker/build-push-action@v6
        with: { context: api }
`)
const matrix = read(`
  build:
    strategy:
      matrix:
        image: [web, api]
        platform: [linux/amd64, linux/arm64]
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: ${$}{{ matrix.image }}
          platforms: ${$}{{ matrix.platform }}
`)
const named = read(`
  build:
    name: Image ${$}{{ matrix.image }} for ${$}{{ matrix.arch }}
    strategy:
      matrix:
        include:
          - { image: web, arch: amd64 }
          - { image: api, arch: arm64, context: services/api }
    steps:
      - uses: docker/build-push-action@v6
        with: { context: '${$}{{ matrix.context || matrix.image }}' }
`)

const legOf = (workflow: typeof plain, name: string) => {
  const found = jobNamed(workflow, name)
  return found && [found.job.id, found.leg]
}

describe('a job is found by the name that GitHub lists', () => {
  test.each([
    [plain, 'build', ['build', {}]],
    [plain, 'Build the image', ['image', {}]],
    [plain, 'call / build', ['build', {}]],
    [plain, 'outer / inner / Build the image', ['image', {}]],
    [plain, 'deploy', null],
    [plain, '', null],
    [matrix, 'build (web, linux/amd64)', ['build', { image: 'web', platform: 'linux/amd64' }]],
    [matrix, 'build (api, linux/arm64)', ['build', { image: 'api', platform: 'linux/arm64' }]],
    [matrix, 'call / build (api, linux/arm64)', ['build', { image: 'api', platform: 'linux/arm64' }]],
    [matrix, 'build (docs, linux/amd64)', ['build', null]],
    [named, 'Image web for amd64', ['build', { image: 'web', arch: 'amd64' }]],
    [named, 'Image api for arm64', ['build', { image: 'api', arch: 'arm64', context: 'services/api' }]],
    [named, 'Image web for arm64', null],
  ])('%#: %s', (workflow, name, wanted) => {
    expect(legOf(workflow, name)).toEqual(wanted)
  })

  test('a job whose own name holds a slash', () => {
    const slashed = read('  build:\n    name: build / push\n    steps: []\n')
    expect(legOf(slashed, 'build / push')).toEqual(['build', {}])
    expect(legOf(slashed, 'call / build / push')).toEqual(['build', {}])
  })

  test('the id of a job that has another name is no name', () => {
    const swapped = read('  a:\n    name: b\n    steps: []\n  b:\n    name: a\n    steps: []\n')
    expect(legOf(swapped, 'a')).toEqual(['b', {}])
    expect(legOf(swapped, 'b')).toEqual(['a', {}])
  })

  test('values that are no texts are written as GitHub writes them', () => {
    const typed = read(
      '  test:\n    strategy:\n      matrix:\n        node: [22, 24.5]\n        slim: [true, false]\n    steps: []\n',
    )
    expect(legOf(typed, 'test (24.5, false)')).toEqual(['test', { node: 24.5, slim: false }])
  })

  test('a value that is a map is written by its values', () => {
    const mapped = read(
      '  test:\n    strategy:\n      matrix:\n        image: [{ name: web, dir: a }, { name: api, dir: b }]\n    steps: []\n',
    )
    expect(legOf(mapped, 'test (api, b)')?.[1]).toEqual({ image: { name: 'api', dir: 'b' } })
  })

  test('a name of GitHub is cut after a hundred letters', () => {
    const long = `build ${'x'.repeat(200)}`
    const cut = read(`  build:\n    name: ${long}\n    steps: []\n`)
    expect(legOf(cut, long)).toEqual(['build', {}])
    expect(legOf(cut, `${long.slice(0, 97)}...`)).toEqual(['build', {}])
  })
})

describe('the builds of a job', () => {
  const builds = (workflow: typeof plain, name: string) => {
    const found = jobNamed(workflow, name)
    return found ? buildsOfJob(workflow, found).map(({ context, platforms }) => [context, ...platforms]) : null
  }
  test('are its own, with the values of its leg', () => {
    expect(builds(plain, 'build')).toEqual([['web']])
    expect(builds(plain, 'Build the image')).toEqual([['api']])
    expect(builds(matrix, 'build (api, linux/arm64)')).toEqual([['api', 'linux/arm64']])
    expect(builds(named, 'Image api for arm64')).toEqual([['services/api']])
    expect(builds(named, 'Image web for amd64')).toEqual([['web']])
  })

  test('of a leg that cannot be told keep their variables', () => {
    expect(builds(matrix, 'build (docs, linux/amd64)')).toEqual([
      [`${$}{{ matrix.image }}`, `${$}{{ matrix.platform }}`],
    ])
  })
})
