import { expect, test } from 'vitest'
import { readRunbook } from '../../src/diagnosis/runbook.ts'
import { printProblem } from '../../src/diagnosis/runbook-problem.ts'

/** A page with one row whose block and fix are these. */
function page(block: string, fix = 'Do it'): string {
  return `---
title: Ours
owner: us
---

## Common failures

| Error | Cause | Fix |
|---|---|---|
| [Full](#full) | a | b |

### Full

Fix

1. ${fix}

\`\`\`log
boom
\`\`\`

\`\`\`yaml
id: ours-full
family: disk
title: Full
summary: It is full.
severity: silent
transient: no
where: [step]
${block}
\`\`\`
`
}

const rowOf = (block: string, fix?: string) => readRunbook('ours.md', page(block, fix)).runbook?.rows[0]
const problems = (block: string, fix?: string) => readRunbook('ours.md', page(block, fix)).problems.map(printProblem)

test('a sign has its own conditions, and places of its own', () => {
  const row = rowOf(`signs:
  - "first words"
  - sign: "second words"
    all: [{ where: [client, job], sign: ["one of them", "or the other"], anywhere: true }]
    unless: ["but not these"]
unless: ["nor those"]`)
  expect(row?.signs.map((sign) => sign.kind)).toEqual(['literal', 'literal'])
  expect(row?.all).toEqual([
    { where: ['client', 'job'], sign: { kind: 'literal', text: 'one of them' }, of: 1, anywhere: true, choice: 0 },
    { where: ['client', 'job'], sign: { kind: 'literal', text: 'or the other' }, of: 1, anywhere: true, choice: 0 },
  ])
  expect(row?.unless).toMatchObject([
    { where: ['step'], sign: { text: 'nor those' }, of: null, anywhere: false, choice: 0 },
    { where: ['step'], sign: { text: 'but not these' }, of: 1, anywhere: false, choice: 1 },
  ])
})

test('what the log as a whole shows is a sign like any other, with its captures', () => {
  const row = rowOf('signs: [{ observed: same-gha-scope-twice }]\nall: [{ observed: cook-in-build }]')
  expect(row?.signs).toEqual([{ kind: 'observed', name: 'same-gha-scope-twice' }])
  expect(row?.all).toMatchObject([{ sign: { kind: 'observed', name: 'cook-in-build' }, of: null }])
  expect(problems('signs: [{ observed: same-gha-scope-twice }]', 'A scope for {scope}')).toEqual([])
  expect(problems('signs: [{ observed: cook-in-build }]', 'A scope for {scope}')).toHaveLength(1)
})

test('mistakes in the longer forms are named', () => {
  expect(problems('signs: [{ observed: the-moon }]')).toEqual([expect.stringContaining('`signs.0.observed` should be')])
  expect(problems('signs: [{ all: ["some words"] }]')).toEqual([
    expect.stringContaining('needs either `sign` or `observed`'),
  ])
  expect(problems('signs: [{ sign: "some words", whenever: true }]')).toEqual([
    expect.stringContaining('unknown key `signs.0.whenever`'),
  ])
})

test('a row that only evidence outside the log confirms says where to look', () => {
  const block = 'signs: ["some words"]\nconfirmed-by: [caches, runs]'
  expect(rowOf(block, 'To be sure: look there')?.confirmedBy).toEqual(['caches', 'runs'])
  expect(problems(block)).toEqual([
    expect.stringMatching(/^ours\.md:31: a row with `confirmed-by` needs a step in \*Fix\*/),
  ])
})
