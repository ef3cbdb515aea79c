import { readFileSync, writeFileSync } from 'node:fs'
import { settings } from '../../src/config/settings.ts'

/**
 * The README's table of settings, made from the code. `npm run docs` writes it; a test fails while it differs.
 */
export function configTable(): string {
  const rows = Object.entries(settings).map(([name, { meaning, example, default: value }]) => {
    return `| \`${name}\` | ${meaning} | ${value === null ? '' : `\`${value}\``} | \`${example}\` |`
  })
  return ['| variable | meaning | default | example |', '|---|---|---|---|', ...rows].map((row) => `${row}\n`).join('')
}

/** Puts the table between its two marks. */
export function withConfigTable(readme: string): string {
  const [start, end] = ['<!-- settings: npm run docs -->\n', '<!-- /settings -->']
  const from = readme.indexOf(start)
  const to = readme.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`the README has lost the marks ${start.trim()} and ${end}`)
  return readme.slice(0, from + start.length) + configTable() + readme.slice(to)
}

if (import.meta.main) {
  const readme = new URL('../../README.md', import.meta.url)
  writeFileSync(readme, withConfigTable(readFileSync(readme, 'utf8')))
}
