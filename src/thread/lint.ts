import type { KnownBlock } from '@slack/types'
import { diffOf, type Finding } from '../lint/finding.ts'
import type { LintReport } from '../lint/lint.ts'
import { context, section } from './blocks.ts'
import { code, codeBlock, cut, join, link, type Mrkdwn, md, plainLine } from './escape.ts'
import { linesWithin, payloadSize } from './limits.ts'
import { costWords } from './terminal-lint.ts'
import type { WantedMessage } from './wanted.ts'
import { askedBy } from './wording.ts'

export type Linted = {
  repository: string
  /** branch, tag or commit as it is shown */
  ref: string
  report: LintReport
  texts: ReadonlyMap<string, string>
  /** what could not be read, and why */
  missing: string[]
  /** the page of a line at GitHub */
  pageOf: (file: string, line: number) => string
}

export type LintAsker = { tag: string; askedBy: string }

/** The worst findings with their edits, the rest on a line each. */
export function planLint(linted: Linted, asker: LintAsker): WantedMessage {
  const { repository, ref, report, missing } = linted
  const shown = report.findings.filter(({ ignored }) => ignored === null)
  const what = summaryOf(report, shown.length)
  const message: WantedMessage = {
    tag: asker.tag,
    parent: null,
    text: plainLine(`${cut(repository, 200)} at ${cut(ref, 100)}: ${what}`),
    blocks: [section('head', head(linted, what))],
  }
  const end = [...missingBlocks(missing), context('facts', facts(report, shown.length, asker))]
  const told = tell(linted, shown, payloadSize({ ...message, blocks: [...message.blocks, ...end] }))
  return { ...message, blocks: [...message.blocks, ...told, ...end] }
}

/** Why there is nothing to say of it. */
export function planNoLint(because: string, { tag }: LintAsker): WantedMessage {
  return {
    tag,
    parent: null,
    text: plainLine(`I cannot check that: ${cut(because, 600)}`),
    blocks: [section('refused', md`:warning: I cannot check that: ${cut(because, 900)}`)],
  }
}

const mostTold = 4
const budget = 8_500

/** As many as there is room for, and the names of the rest. */
function tell(linted: Linted, shown: Finding[], used: number): KnownBlock[] {
  const blocks: KnownBlock[] = []
  let left = budget - used
  for (const [index, finding] of shown.slice(0, mostTold).entries()) {
    const own = findingBlocks(linted, finding, index)
    const size = JSON.stringify(own).length
    if (size > left) break
    left -= size
    blocks.push(...own)
  }
  const told = blocks.filter(({ block_id: id }) => id?.startsWith('finding ')).length
  const rest = shown.slice(told)
  if (rest.length === 0) return blocks
  const names = rest.map(({ file, line, rule, level }) => cut(`${marks[level]} ${file}:${line} ${rule}`, 160))
  const { shown: lines, more } = linesWithin(names, Math.min(1_500, Math.max(300, left)))
  return [...blocks, section('rest', codeBlock([...lines, ...(more > 0 ? [`… ${more} more`] : [])]))]
}

const marks = { prohibited: 'x', warning: '!', note: ' ' } as const
const signs = { prohibited: ':no_entry:', warning: ':warning:', note: ':information_source:' } as const

function findingBlocks({ texts, pageOf }: Linted, finding: Finding, index: number): KnownBlock[] {
  const { level, rule, file, line, message, why, cost, edit } = finding
  const place = link(pageOf(file, line), `${cut(file, 150)}:${line}`)
  const said = join(
    [
      md`${{ mrkdwn: signs[level] }} ${place} ${code(rule)}`,
      md`${cut(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`, 500)} ${why}`,
      cost === null ? null : md`Cost: ${costWords(cost)}.`,
    ],
    '\n',
  )
  if (edit === null) return [section(`finding ${index}`, said)]
  const diff = diffOf(edit.file, texts.get(edit.file) ?? null, [edit])
    .trimEnd()
    .split('\n')
  // the paths stand above already
  const { shown, more } = linesWithin(edit.file === file ? diff.slice(2) : diff.slice(1), 1_500)
  const lines = more > 0 ? [...shown, `… ${more} more lines`] : shown
  return [section(`finding ${index}`, said), section(`edit ${index}`, codeBlock(lines))]
}

function head({ repository, ref }: Linted, what: string): Mrkdwn {
  return md`*${cut(repository, 200)}* at ${code(cut(ref, 100))}: ${what}`
}

function summaryOf({ dockerfiles, workflows }: LintReport, shown: number): string {
  const looked = `${count(dockerfiles.length, 'Dockerfile')} and ${count(workflows.length, 'workflow')}`
  if (dockerfiles.length + workflows.length === 0) return 'there is no Dockerfile and no workflow'
  return shown === 0 ? `nothing found in ${looked}` : `${count(shown, 'finding')} in ${looked}`
}

function missingBlocks(missing: string[]): KnownBlock[] {
  const lines = missing.slice(0, 3).map((because) => md`Could not read: ${cut(because, 250)}`)
  const more = missing.length > 3 ? [md`and ${missing.length - 3} more`] : []
  return lines.length === 0 ? [] : [context('missing', join([...lines, ...more], '\n'))]
}

function facts({ findings, problems }: LintReport, shown: number, asker: LintAsker): Mrkdwn {
  const ignored = findings.length - shown
  const [problem] = problems
  return join(
    [
      ignored === 0 ? null : md`${ignored} ignored, each with a reason`,
      problem ? md`not understood: ${cut(`${problem.file}:${problem.line}`, 150)} and what depends on it` : null,
      askedBy(asker.askedBy),
    ],
    ' · ',
  )
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
