import { expect, test } from 'vitest'
import { edges, stagesNeeded } from '../../src/dockerfile/graph.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'

const dockerfile = readDockerfile(
  'FROM a AS base\nFROM base AS deps\nFROM x AS unused\nFROM base AS build\nCOPY --from=deps a b\nRUN --mount=from=1,target=/x make\nFROM scratch\nCOPY --from=build a b\n',
  'Dockerfile',
)

test('a stage needs what it is built on and what it takes from', () => {
  expect(edges(dockerfile)).toEqual([
    { from: 0, to: 1, hard: true, line: 2 },
    { from: 0, to: 3, hard: true, line: 4 },
    { from: 1, to: 3, hard: false, line: 5 },
    { from: 1, to: 3, hard: false, line: 6 },
    { from: 3, to: 4, hard: false, line: 8 },
  ])
})

test.each([
  [null, [0, 1, 3, 4]],
  ['DEPS', [0, 1]],
  ['2', [2]],
  ['nowhere', []],
])('a build of %s needs %j', (target, needed) => {
  expect([...stagesNeeded(dockerfile, target)].sort()).toEqual(needed)
})
