import { expect, test } from 'vitest'
import type { Runbook } from '../../src/diagnosis/runbook.ts'
import { itemSchema } from '../../src/verdict/checklist.ts'
import { checklistFor } from '../../src/verdict/checklist-for.ts'
import { catalogue } from './facts.ts'

const { runbooks } = catalogue

test("a cause gets the Verification of its row's page, all of it still waiting", () => {
  const { page, items } = checklistFor(runbooks, { runbook: { file: 'runbooks/disk.md', anchor: 'x' } })
  expect(page).toBe('runbooks/disk.md')
  expect(items.map(({ check }) => check?.name ?? null)).toEqual(['job-passes', 'not-same-failure', null])
  for (const item of items) expect(itemSchema.parse(item)).toMatchObject({ state: 'waiting', by: null, evidence: null })
})

test.each([
  ['there is no cause', null],
  ['no page describes the cause', { runbook: null }],
  ['its page is gone', { runbook: { file: 'runbooks/gone.md', anchor: 'x' } }],
])('when %s it is that of the general page', (_why, cause) => {
  const { page, items } = checklistFor(runbooks, cause)
  expect(page).toBe('runbooks/docker-layer-caching.md')
  expect(items.map(({ check }) => check)).toEqual([
    { name: 'steps-cached', minutes: null, steps: 'dependencies' },
    { name: 'build-time', minutes: 10, steps: null },
    { name: 'no-unexpected-miss', minutes: null, steps: null },
  ])
})

test('every cause of ours has a checklist of its own page', () => {
  for (const { runbook } of catalogue.rows.values()) expect(checklistFor(runbooks, { runbook }).page).toBe(runbook.file)
})

const general = runbooks.find(({ file }) => file.endsWith('docker-layer-caching.md'))
const ours = (file: string, ...texts: string[]): Runbook => {
  if (!general) throw new Error('no general page')
  return { ...general, file, verification: texts.map((text, line) => ({ text, line, check: null })) }
}

test("a team's page of the same name wins, if it has a Verification", () => {
  const team = ours('team/docker-layer-caching.md', 'ask Ada')
  expect(checklistFor([...runbooks, team], null)).toMatchObject({ page: team.file, items: [{ text: 'ask Ada' }] })
  const without = ours('team/docker-layer-caching.md')
  expect(checklistFor([...runbooks, without], null).page).toBe('runbooks/docker-layer-caching.md')
})

test('a page without a Verification sends to the general one', () => {
  const team = ours('team/npm.md')
  const cause = { runbook: { file: 'team/npm.md', anchor: 'x' } }
  expect(checklistFor([...runbooks, team], cause).page).toBe('runbooks/docker-layer-caching.md')
})

test('without any Verification there is nothing to check', () => {
  expect(checklistFor([], null)).toEqual({ page: 'docker-layer-caching.md', items: [] })
})
