import { readFileSync, writeFileSync } from 'node:fs'
import { allRules } from '../../src/lint/rules.ts'

/** The README's table of rules, made from the code. `npm run docs` writes it; a test fails while it differs. */
function rulesTable(): string {
  const rows = allRules.map(({ id, level, summary, runbook, strict }) => {
    const page = `[${runbook.file}](runbooks/${runbook.file}#${runbook.anchor})`
    return `| \`${id}\` | ${level}${strict ? ', `--strict`' : ''} | ${summary} | ${page} |`
  })
  return ['| rule | level | finds | runbook |', '|---|---|---|---|', ...rows].map((row) => `${row}\n`).join('')
}

/** Puts the table between its two marks. */
export function withRulesTable(readme: string): string {
  const [start, end] = ['<!-- rules: npm run docs -->\n', '<!-- /rules -->']
  const from = readme.indexOf(start)
  const to = readme.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`the README has lost the marks ${start.trim()} and ${end}`)
  return readme.slice(0, from + start.length) + rulesTable() + readme.slice(to)
}

if (import.meta.main) {
  const readme = new URL('../../README.md', import.meta.url)
  writeFileSync(readme, withRulesTable(readFileSync(readme, 'utf8')))
}
