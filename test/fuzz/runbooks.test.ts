import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explainText } from '../../src/diagnosis/explain.ts'
import { explanationSchema } from '../../src/diagnosis/explanation.ts'
import { readRunbook } from '../../src/diagnosis/runbook.ts'
import { printProblem } from '../../src/diagnosis/runbook-problem.ts'
import { runs } from '../support/fuzz.ts'
import { mutatedLog } from '../support/mutate.ts'

/** The sections of our pages, each as a page of its own: a whole page takes too long for many rounds. */
const pages = globSync('runbooks/*.md')
  .sort()
  .map((file) => readFileSync(file, 'utf8'))
const small = pages.flatMap(pageOfEachCause).map((page) => Buffer.from(page))
if (!small.some((page) => readRunbook('own.md', page.toString()).runbook))
  throw new Error('no page is good before the damage')

describe('a damaged page', () => {
  test('is read, or refused with file and line', () => {
    fc.assert(
      fc.property(mutatedLog(small), (page) => void isReadOrRefused(page.toString('utf8'))),
      runs(120),
    )
  })

  test('that is still read can be matched with', () => {
    fc.assert(
      fc.property(mutatedLog(small), mutatedLog(small), (page, log) => {
        const { runbook } = readRunbook('own.md', page.toString('utf8'))
        fc.pre(runbook !== null)
        const rows = new Map(runbook?.rows.map((row) => [row.id, row]))
        const told = explainText(log.toString('utf8'), { runbooks: [], rows })
        expect(explanationSchema.safeParse(told).error).toBeUndefined()
      }),
      runs(25),
    )
  })
})

describe('what is no page', () => {
  const yaml = fc.constantFrom(
    'id: x',
    'signs:',
    '- a',
    '&a [*a]',
    '<<: *a',
    '!!js/function x',
    '? a',
    '{a: b',
    '"\\ud800"',
    '!!binary x',
    'a: &a [*a, *a]',
    '%YAML 1.1',
    '...',
    '- - - -',
  )
  const markdown = fc.constantFrom(
    '---',
    '```yaml',
    '```',
    '# A',
    '## Common failures',
    '| a | b |',
    '|--|',
    '[x](#y)',
    '> > >',
    '- [ ] x',
    '<details>',
    '![](',
    '`'.repeat(50),
    '['.repeat(300),
    '*'.repeat(300),
    '\\',
    '&#0;',
  )
  const lines = fc.array(fc.oneof(yaml, markdown, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 40 })

  test('is refused with file and line', () => {
    fc.assert(
      fc.property(lines, (page) => void isReadOrRefused(page.join('\n'))),
      runs(120),
    )
  })

  test.each([
    [
      'aliases that multiply',
      `a: &a [x,x,x,x,x,x,x,x]\n${Array.from('bcdefghij', (name, index) => `${name}: &${name} [${Array(8).fill(`*${'abcdefghi'[index]}`)}]`).join('\n')}`,
    ],
    ['deep lists', `a: ${'['.repeat(2_000)}`],
    ['deep blocks', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('%s in its YAML', (_, yaml) => {
    isReadOrRefused(`---\n${yaml}\n---\n# A\n`)
    isReadOrRefused(
      `---\ntitle: A\nowner: us\n---\n# A\n## Common failures\n| Error | Cause | Fix |\n|--|--|--|\n| [x](#b) | x | x |\n## B\n\`\`\`yaml\n${yaml}\n\`\`\`\n`,
    )
  })

  test.each([
    ['quotations', '> '.repeat(20_000)],
    ['numbers', '1. '.repeat(20_000)],
    ['lists', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}- a`).join('\n')],
    ['brackets', '['.repeat(5_000)],
    ['emphasis', '*a **b '.repeat(1_000)],
    ['table cells', `|${'a|'.repeat(2_000)}\n|${'-|'.repeat(2_000)}\n|${'b|'.repeat(2_000)}`],
    ['links', '[a](b '.repeat(1_000)],
    ['references', '[a]: b\n'.repeat(2_000)],
  ])('deep or many %s', (_, markdown) => isReadOrRefused(`---\ntitle: A\nowner: us\n---\n# A\n${markdown}\n`))
})

function isReadOrRefused(text: string): void {
  const { runbook, problems } = readRunbook('own.md', text)
  expect(runbook === null).toBe(problems.length > 0)
  const lines = text.split(/\r\n?|\n/).length
  for (const problem of problems) {
    expect(problem.line).toBeGreaterThanOrEqual(1)
    expect(problem.line).toBeLessThanOrEqual(lines + 1)
    expect(printProblem(problem)).toMatch(/^own\.md:\d+: \S/)
  }
}

/** Front matter and table of a page with one of its causes. */
function pageOfEachCause(page: string): string[] {
  const [head = '', ...sections] = page.split(/^(?=##+ )/m)
  const table = sections.find((section) => section.startsWith('## Common failures'))
  if (!table) return []
  const [titles = '', rule = '', ...rows] = table.split('\n').filter((line) => line.startsWith('|'))
  return sections
    .filter((section) => section.includes('```yaml'))
    .flatMap((section) => {
      const anchor = (section.split('\n', 1)[0] ?? '')
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-')
      const row = rows.find((line) => line.includes(`(#${anchor})`))
      return row
        ? [
            `${head.split('\n').slice(0, 8).join('\n')}\n\n## Common failures\n\n${titles}\n${rule}\n${row}\n\n${section}`,
          ]
        : []
    })
}
