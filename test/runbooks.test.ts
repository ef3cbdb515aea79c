import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkSamples } from '../src/diagnosis/check-samples.ts'
import { explainer, explainText } from '../src/diagnosis/explain.ts'
import { type Cause, remedyKinds } from '../src/diagnosis/explanation.ts'
import { indexSigns } from '../src/diagnosis/match.ts'
import { readRunbook } from '../src/diagnosis/runbook.ts'
import { printProblem } from '../src/diagnosis/runbook-problem.ts'
import { loadRunbooks } from '../src/diagnosis/runbooks.ts'

// The pages are the rules, and their samples are the tests: each must be recognised as what its section describes,
// a counter-example as anything else.
const folder = join(import.meta.dirname, '..', 'runbooks')
const catalogue = await loadRunbooks([folder])
const rows = [...catalogue.rows.values()]
const signs = indexSigns(catalogue)

function diagnose(sample: string): Cause | null {
  const explaining = explainer(signs)
  explaining.feed(new TextEncoder().encode(sample))
  return explaining.end({ kind: 'file', name: 'sample' }).diagnosis
}

test('every sample is recognised as its own row, every counter-example as anything else', () => {
  expect(checkSamples(catalogue).map(printProblem)).toEqual([])
})

test('there is a sample for every row that signs decide', () => {
  for (const row of rows.filter((row) => row.decidedBy === 'signs')) {
    expect(
      row.samples.some(({ kind }) => kind === 'match'),
      row.id,
    ).toBe(true)
  }
})

describe('the catalogue of causes', () => {
  const ids = readFileSync(join(import.meta.dirname, 'fixtures', 'catalogue-ids.txt'), 'utf8')
    .trim()
    .split('\n')
  // what is left when no row holds is said by the engine itself
  const spoken = new Set(['not-docker', 'unknown-failure'])
  const wanted = ids.filter((id) => !spoken.has(id))

  test('is whole', () => {
    expect(new Set(ids).size).toBe(95)
  })

  test.each(wanted)('%s has a row, a sample and a counter-example', (id) => {
    const samples = catalogue.rows.get(id)?.samples.map(({ kind }) => kind) ?? []
    expect(samples).toEqual(expect.arrayContaining(['match', 'no-match']))
  })
})

test('what only a comparison of builds decides is claimed by no sign', () => {
  for (const row of rows.filter((row) => row.decidedBy === 'cache')) {
    expect(row.signs, row.id).toEqual([])
  }
})

test('a sample that another row claims is a problem with its line', () => {
  const wrong = new Map(catalogue.rows)
  const row = wrong.get('run-oom-killed')
  if (!row) throw new Error('no row run-oom-killed')
  wrong.set(row.id, { ...row, signs: [{ kind: 'literal', text: 'words that no log has' }] })
  const [problem] = checkSamples({ ...catalogue, rows: wrong }).map(printProblem)
  expect(problem).toMatch(/^runbooks\/[\w-]+\.md:\d+: this log is recognised as .*, expected run-oom-killed: /)
})

test('no text in a sample is left to be filled in', () => {
  for (const row of rows) {
    for (const { text } of row.samples) {
      const diagnosis = diagnose(text)
      const shown = [diagnosis?.title, diagnosis?.summary, ...(diagnosis?.fix ?? [])].join('\n')
      expect(shown).not.toMatch(/(?<!\$\{)\{[a-z_]+(\|[^{}]*)?\}/)
    }
  }
})

test('every row says of each remedy whether it helps, and why', () => {
  for (const row of rows) {
    expect(
      row.remedies.map(({ kind }) => kind),
      row.id,
    ).toEqual([...remedyKinds])
  }
})

test('every pattern has a text to look for first, so that a long log stays fast', () => {
  for (const row of rows) {
    for (const sign of [...row.signs, ...[...row.all, ...row.unless].map((condition) => condition.sign)]) {
      if (sign.kind === 'pattern') expect(sign.literals, `${row.id}: ${sign.source}`).not.toBeNull()
    }
  }
})

test('the runbook it all began with is whole', () => {
  const page = catalogue.runbooks.find(({ file }) => file.endsWith('docker-layer-caching.md'))
  expect(page?.triggers).toHaveLength(7)
  expect(page?.verification).toHaveLength(3)
  expect(page?.prohibited).toHaveLength(2)
  expect(page?.cacheSources).toHaveLength(2)
  expect(page?.rows.map(({ id }) => id)).toEqual([
    'copy-all-too-early',
    'disk-full-builder',
    'cache-import-unavailable',
  ])
})

test('the worked example of the manual is a row that works', async () => {
  const manual = await readFile(join(folder, 'README.md'), 'utf8')
  const example = /^````markdown\n(.*?)^````$/ms.exec(manual)?.[1] ?? ''
  const table = '| Error | Cause | Fix |\n|---|---|---|\n| [503](#the-npm-mirror-is-restarting) | a | b |\n'
  const page = `---\ntitle: Ours\nowner: us\n---\n\n## Common failures\n\n${table}\n${example}`
  const { runbook, problems } = readRunbook('ours.md', page)
  expect(problems).toEqual([])
  const [row] = runbook?.rows ?? []
  if (!row) throw new Error('the example has no row')
  const withIt = { ...catalogue, rows: new Map([...catalogue.rows, [row.id, row]]) }
  expect(explainText(row.samples[0]?.text ?? '', withIt).diagnosis).toMatchObject({
    id: 'acme-npm-mirror-restart',
    summary: 'The mirror refused left-pad because it was being restarted.',
  })
})
