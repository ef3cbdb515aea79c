import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readBake } from '../../src/workflow/bake.ts'
import type { BakeTarget } from '../../src/workflow/bake-target.ts'

function readFixture(name: string) {
  return readBake(readFileSync(`test/fixtures/workflows/${name}`, 'utf8'), name)
}

const targetOf = (name: string, targets: BakeTarget[]) => targets.find((target) => target.name === name)

describe('HCL', () => {
  const { targets, groups, problems } = readFixture('docker-bake.hcl')

  test('is read to its end', () => {
    expect(problems).toEqual([])
    expect(groups).toEqual([
      { name: 'default', targets: ['app', 'db'], line: 12 },
      { name: 'db', targets: ['db-16', 'db-17'], line: 40 },
    ])
    expect(targets.map(({ name, line }) => [name, line])).toEqual([
      ['_common', 16],
      ['app', 26],
      ['db-16', 40],
      ['db-17', 40],
    ])
  })

  test('parents, variables and what only the builder can work out', () => {
    expect(targetOf('app', targets)).toMatchObject({
      ...{ dockerfile: 'app/Dockerfile', target: 'release', noCacheFilters: ['build'] },
      args: [
        { name: 'BUILDKIT_CONTEXT_KEEP_GIT_DIR', value: '1', line: 19 },
        { name: 'GO_VERSION', value: '1.26', line: 30 },
      ],
      cacheFrom: [{ type: 'registry', ref: 'acme/app:cache', line: 21 }],
      cacheTo: [
        { type: 'registry', ref: 'acme/app:cache', mode: 'max', line: 33 },
        { type: 'gha', scope: 'app', line: 34 },
      ],
      tags: ['acme/app:latest', '${notequal("", TAG) ? "acme/app:stable" : ""}'],
      platforms: ['${TAG == "latest" ? ["linux/amd64"] : ["linux/arm64"]}'],
    })
  })

  test('a matrix makes targets', () => {
    expect(targetOf('db-17', targets)).toMatchObject({
      ...{ context: './db', args: [{ name: 'PG', value: '17' }], inlineDockerfile: 'FROM postgres:17\nRUN true }\n' },
      tags: ['${tag("db-17")}'],
    })
  })

  test.each([
    'target "a" {',
    'target "a" { inherits = ["a"] }',
    'x = "',
    'a = [[[',
    '}}}',
    'target "a" { tags = [,,] }',
  ])('%s', (text) => {
    expect(readBake(text, 'docker-bake.hcl').targets.length).toBeLessThan(2)
  })
})

test('Compose: services that are built, with what x-bake adds', () => {
  const { kind, targets } = readFixture('compose.yaml')
  expect(kind).toBe('compose')
  expect(targets.map(({ name }) => name)).toEqual(['web', 'docs'])
  expect(targets[0]).toMatchObject({
    ...{ context: '.', dockerfile: 'web/Dockerfile', target: 'runner', tags: ['acme/web:latest'] },
    args: [{ name: 'NODE', value: '22', line: 3 }],
    ...{ cacheFrom: [{ type: 'gha', scope: 'web', line: 14 }], cacheTo: [{ type: 'gha', mode: 'max', line: 18 }] },
    platforms: ['linux/amd64', 'linux/arm64'],
  })
  expect(targets[1]).toMatchObject({ context: './docs' })
})

test('JSON, with its lines', () => {
  const { targets, groups } = readFixture('docker-bake.json')
  expect(groups[0]?.targets).toEqual(['web'])
  expect(targets).toMatchObject([{ name: 'web', line: 4, cacheTo: [{ scope: 'web', mode: 'max', line: 8 }] }])
})
