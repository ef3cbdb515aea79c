import type { BuildSummary } from '../diagnosis/explanation.ts'
import { judgement, listed, lostOf, type MissGroup, missGroups, reasonSentences, stagesOf } from './miss-wording.ts'
import { stepRows } from './step-rows.ts'
import { stepName } from './wording.ts'

/** A build at a terminal: its steps, how its caches fared, what missed them first and why, and the edit that ends it. */
export function buildLines(build: BuildSummary): string[] {
  if (build.steps.length === 0 && build.imports.length === 0) return []
  const name = build.target ? `Build of ${build.target}` : 'Build'
  const told = build.from === 'record' ? ', from its build record' : ''
  const rate = build.hitRate === null ? '' : `, hit rate ${Math.round(build.hitRate * 100)} %`
  return [
    '',
    `  ${name} (${build.builder}${told}): ${build.cached} cached, ${build.executed} ran${rate}`,
    ...tableLines(build),
    ...build.imports.map((transfer) => transferLine('Cache import', transfer)),
    ...build.exports.map((transfer) => transferLine('Cache export', transfer)),
    ...missLines(build),
    ...build.fixes.flatMap(fixLines),
  ]
}

function tableLines(build: BuildSummary): string[] {
  const rows = stepRows(build)
  const wide = Math.max(0, ...rows.map(({ word }) => word.length))
  const long = Math.max(0, ...rows.map(({ seconds }) => seconds.length))
  return rows.map(({ mark, word, seconds, step }) =>
    withinWidth(`  ${mark} ${word.padEnd(wide)}  ${seconds.padStart(long)}  ${firstLine(step.name)}`),
  )
}

function missLines(build: BuildSummary): string[] {
  const groups = missGroups(build)
  if (groups.length === 0) return []
  const what = build.firstMisses.length === 1 ? 'First miss' : 'First misses'
  return ['', `  ${what} (→): ${lostOf(build)}`, ...groups.flatMap(groupLines)]
}

function groupLines(group: MissGroup, index: number): string[] {
  const { first, misses, files, detail } = group
  const stages = stagesOf(group)
  const head = `${stages === null ? '' : `${stages}: `}${reasonSentences[first.reason]}  [${first.reason}]`
  const steps = misses.slice(0, stepsNamed).map(({ step }) => withinWidth(`     ${firstLine(step)}`))
  const more = misses.length - steps.length
  return [
    ...wrapped(head, `  ${index + 1}. `),
    ...steps,
    ...(more > 0 ? [`     and ${more} more steps`] : []),
    ...(detail === '' ? [] : wrapped(detail, '     ')),
    ...(files.length > 0 ? wrapped(`Files: ${listed(files)}`, '     ') : []),
    `     ${capital(judgement(group))}`,
  ]
}

/** The diff stands whole, so that it can be copied. */
function fixLines({ rule, file, line, why, diff }: BuildSummary['fixes'][number]): string[] {
  const lines = diff.replace(/\n$/, '').split('\n')
  return ['', `  Fix: ${file}:${line}  [${rule}]`, ...wrapped(why, '  '), ...lines.map((line) => `    ${line}`)]
}

function transferLine(what: string, { type, ref, ok, error }: BuildSummary['imports'][number]): string {
  return withinWidth(
    `  ${what} ${type}${ref ? ` ${ref}` : ''}: ${ok ? 'ok' : `failed: ${(error ?? '').split('\n')[0]}`}`,
  )
}

const width = 120
const stepsNamed = 6

/** One line of the terminal; of a long one the start says most. */
function withinWidth(text: string): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

/** Words on as many lines as they need, at most five, under the start of the first. */
function wrapped(text: string, lead: string): string[] {
  const room = width - lead.length
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter((word) => word !== '')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  const shown = lines.slice(0, 5)
  if (lines.length > shown.length) shown.push('…')
  return shown.map((line, index) => withinWidth(`${index === 0 ? lead : ' '.repeat(lead.length)}${line}`))
}

/** Of a RUN with a here-document. */
function firstLine(name: string): string {
  const [line = ''] = name.split('\n')
  return stepName(line === name ? line : `${line} …`)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
