import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { explainer } from '../src/diagnosis/explain.ts'
import { remedyKinds } from '../src/diagnosis/explanation.ts'
import { indexSigns } from '../src/diagnosis/match.ts'
import { readRunbook } from '../src/diagnosis/runbook.ts'
import { loadRunbooks } from '../src/diagnosis/runbooks.ts'

// The pages are the rules, and their samples are the tests: each must be recognised as what its section describes,
// a counter-example as anything else.
const folder = join(import.meta.dirname, '..', 'runbooks')
const catalogue = await loadRunbooks([folder])
const rows = [...catalogue.rows.values()]
const signs = indexSigns(catalogue)

function diagnose(text: string) {
  const explaining = explainer(signs)
  explaining.feed(new TextEncoder().encode(text))
  return explaining.end({ kind: 'file', name: 'sample' }).diagnosis
}

describe('samples of rows that signs decide', () => {
  for (const row of rows.filter((row) => row.decidedBy === 'signs')) {
    for (const { kind, line, text } of row.samples) {
      test(`${row.runbook.file}:${line} ${kind === 'match' ? 'is' : 'is not'} ${row.id}`, () => {
        const diagnosis = diagnose(text)
        if (kind === 'match') expect(diagnosis?.id).toBe(row.id)
        else expect(diagnosis?.id).not.toBe(row.id)
      })
    }
  }
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
    for (const sign of [...row.signs, ...row.all, ...row.unless.map((unless) => unless.sign)]) {
      if (sign.kind === 'pattern') expect(sign.literal, `${row.id}: ${sign.source}`).not.toBeNull()
    }
  }
})

test('the runbook it all began with is whole', () => {
  const page = catalogue.runbooks.find(({ file }) => file.endsWith('docker-layer-caching.md'))
  expect(page?.triggers).toHaveLength(4)
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
  const withIt = indexSigns({ ...catalogue, rows: new Map([...catalogue.rows, [row.id, row]]) })
  const explaining = explainer(withIt)
  explaining.feed(new TextEncoder().encode(row.samples[0]?.text ?? ''))
  expect(explaining.end({ kind: 'file', name: 'sample' }).diagnosis).toMatchObject({
    id: 'acme-npm-mirror-restart',
    summary: 'The mirror refused left-pad because it was being restarted.',
  })
})
