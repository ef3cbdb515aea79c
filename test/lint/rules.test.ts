import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allRules } from '../../src/lint/rules.ts'
import { withRulesTable } from '../support/rules-table.ts'

test('every rule has a name of its own', () => {
  expect(new Set(allRules.map(({ id }) => id)).size).toBe(allRules.length)
})

test.each(allRules)('$id points at a section of a runbook', ({ runbook }) => {
  const page = readFileSync(`runbooks/${runbook.file}`, 'utf8')
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchorOf(title))
  expect(anchors).toContain(runbook.anchor)
})

test('the table of rules in the README is the one the code makes: npm run docs', () => {
  const readme = readFileSync('README.md', 'utf8')
  expect(readme).toBe(withRulesTable(readme))
})

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}
