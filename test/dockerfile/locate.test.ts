import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readVertexName } from '../../src/build/vertex-name.ts'
import { locate } from '../../src/dockerfile/locate.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'

describe('a step', () => {
  const dockerfile = readDockerfile(
    'FROM a AS deps\nARG V\nWORKDIR /app\nRUN echo $V > "v"\nCOPY ${V}/x ./\nFROM b\nWORKDIR /app\nCOPY --from=deps x y\n',
    'Dockerfile',
  )

  test.each([
    ['deps', 2, 'WORKDIR /app', 3],
    ['deps', 3, 'RUN echo 1.2 > "v"', 4],
    ['deps', 4, 'COPY 1.2/x ./', 5],
    ['stage-1', 2, 'WORKDIR /app', 7],
    ['stage-1', 1, 'FROM docker.io/library/b@sha256:00', 6],
    // another version of the file
    ['deps', 7, 'WORKDIR /app', 3],
    ['deps', 3, 'COPY 2/x ./', 5],
    [null, null, 'COPY --from=deps x y', 8],
  ])('of %s, %s: %s stands on line %i', (stage, ordinal, instruction, line) => {
    expect(locate(dockerfile, { stage, ordinal, instruction })?.line).toBe(line)
  })

  test('that is not in the file is nowhere', () => {
    expect(locate(dockerfile, { stage: 'deps', ordinal: 9, instruction: 'RUN true' })).toBeNull()
    expect(locate(dockerfile, { stage: null, ordinal: null, instruction: '' })).toBeNull()
  })
})

/** The Dockerfiles of the lab's builds beside what BuildKit's history tells of their steps. */
const builds = globSync('test/fixtures/lab/*.Dockerfile', { exclude: ['**/*.prev.Dockerfile'] }).map((written) => ({
  written,
  file: written.replace(/\.Dockerfile$/, '.json'),
}))

describe('every step of the lab', () => {
  test.each(builds)('$written', ({ file, written }) => {
    const text = readFileSync(written, 'utf8')
    const dockerfile = readDockerfile(text, written)
    const { steps = [] }: { steps?: { name: string }[] } = JSON.parse(readFileSync(file, 'utf8'))
    for (const { name } of steps) {
      const { kind, tokens, ordinal, instruction } = readVertexName(name)
      if (kind !== 'step' && kind !== 'from') continue
      const found = locate(dockerfile, { stage: tokens.at(-1) ?? null, ordinal, instruction })
      const keyword = instruction.split(' ')[0] ?? ''
      expect([name, found?.keyword]).toEqual([name, keyword])
      expect(text.split('\n')[(found?.line ?? 0) - 1]).toMatch(new RegExp(`^${keyword}\\b`, 'i'))
      if (ordinal !== null) expect([name, found?.ordinal]).toEqual([name, ordinal])
      if (kind === 'step') expect(bare(found?.text)).toBe(bare(instruction))
    }
  })
})

function bare(text = ''): string {
  return text.replace(/["'\\\s]/g, '')
}
