import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'
import { readBake } from '../../src/workflow/bake.ts'
import { cacheTrouble } from '../../src/workflow/cache-trouble.ts'
import { evaluate } from '../../src/workflow/expression.ts'
import { readWorkflow } from '../../src/workflow/read-workflow.ts'
import { readCommands } from '../../src/workflow/shell.ts'

const fixtures = ['gha-cache.yml', 'platforms-by-digest.yml', 'bake.yml', 'docker-bake.hcl', 'compose.yaml'].map(
  (name) => readFileSync(`test/fixtures/workflows/${name}`, 'utf8'),
)
/** Lines of true files in any order, cut and mended at random. */
const parts = fc.constantFrom(
  ...fixtures.flatMap((text) => text.split(/(?<=\n)/)),
  '${{',
  "'",
  '"',
  '&a ',
  '*a',
  '- ',
  '  ',
  '{',
  '}',
  '[',
  '|\n',
  '\\\n',
)
const shuffled = fc
  .array(fc.oneof({ weight: 8, arbitrary: parts }, fc.string()), { maxLength: 40 })
  .map((lines) => lines.join(''))
const cut = fc
  .tuple(fc.constantFrom(...fixtures), fc.nat(900), fc.string({ maxLength: 3 }), fc.nat(20))
  .map(([text, at, added, gone]) => text.slice(0, at) + added + text.slice(at + gone))
const anyText = fc.oneof(shuffled, cut, fc.string())
const dockerfile = readDockerfile('FROM a AS b\nRUN c\nFROM a\nCOPY --from=b /c /c\n', 'Dockerfile')

test('any text is read, and every line that is named is a line of it', () => {
  fc.assert(
    fc.property(anyText, anyText, (text, bakeText) => {
      const workflow = readWorkflow(text, 'ci.yml')
      const bake = readBake(bakeText, 'docker-bake.hcl')
      const found = cacheTrouble(workflow, { bakeOf: () => bake, dockerfileOf: () => dockerfile, others: [workflow] })
      const options = workflow.builds.flatMap(({ cacheFrom, cacheTo, buildArgs }) => [
        ...cacheFrom,
        ...cacheTo,
        ...buildArgs,
      ])
      const named = [
        ...workflow.problems,
        ...workflow.builds,
        ...workflow.jobs,
        ...options,
        ...found.filter(({ file }) => file === 'ci.yml'),
      ]
      const last = text.split('\n').length
      expect(named.filter(({ line }) => line < 1 || line > last)).toEqual([])
      const lastOfBake = bakeText.split('\n').length
      const ofBake = [...bake.problems, ...bake.targets, ...found.filter(({ file }) => file === 'docker-bake.hcl')]
      expect(ofBake.filter(({ line }) => line < 1 || line > lastOfBake)).toEqual([])
    }),
    { numRuns: 400 },
  )
})

test('compose and JSON files, scripts and expressions of any text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      readBake(text, 'compose.yaml')
      readBake(text, 'docker-bake.json')
      evaluate(text, () => undefined)
      expect(
        readCommands(text).every(({ words }) => words.every(({ offset }) => offset >= 0 && offset <= text.length)),
      ).toBe(true)
    }),
    { numRuns: 400 },
  )
})

test.each<[string, string]>([
  ['brackets', '['.repeat(100_000)],
  [
    'aliases',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`)}]`).join('\n')}\non: *j`,
  ],
  ['an alias of itself', 'on: &a\n  push: *a\njobs: *a'],
  ['substitutions', `jobs: { a: { steps: [{ run: '${'$('.repeat(20_000)}' }] } }`],
  ['quotes', `jobs: { a: { steps: [{ run: "${"'".repeat(20_000)}" }] } }`],
  [
    'expressions',
    `jobs: { a: { steps: [{ uses: docker/build-push-action@v6, with: { context: '\${{ ${'('.repeat(50_000)} }}' } }] } }`,
  ],
])('%s without end', (_what, text) => {
  expect(cacheTrouble(readWorkflow(text, 'ci.yml')).length).toBeLessThan(2)
  expect(readBake(text, 'docker-bake.hcl').targets).toEqual([])
})
