import { z } from 'zod'
import type { Trigger } from '../cache/evidence.ts'
import { type Check, isCheckComment, readCheck } from './runbook-check.ts'
import {
  codeBlocks,
  type Item,
  listItems,
  ownPart,
  type Page,
  readPage,
  type Section,
  tableRows,
} from './runbook-markdown.ts'
import type { Problem, Report } from './runbook-problem.ts'
import { isMachineBlock, type Row, readRow } from './runbook-row.ts'
import { type Expectations, readYaml } from './runbook-yaml.ts'

export type { Row, Sample } from './runbook-row.ts'

/**
 * A runbook page: Markdown for an engineer, read here as data. Sections are known by their heading; each row of *Common
 * failures* links to the section of the same page that describes it. Anything else on the page is for readers only.
 */
export type Runbook = {
  file: string
  title: string
  owner: string
  whenToUse: string[]
  cacheSources: string[]
  triggers: Trigger[]
  failures: Failure[]
  verification: ChecklistItem[]
  prohibited: string[]
  seeAlso: { text: string; url: string }[]
  rows: Row[]
}
/** `check`: what the bot can look at itself; null: a person has to. */
export type ChecklistItem = { text: string; line: number; check: Check | null }
type Failure = { error: string; cause: string; fix: string; anchor: string }

const frontMatter = z.strictObject({
  title: z.string().min(1),
  owner: z.string().min(1),
  'when-to-use': z.string().min(1).optional(),
})
const expectations: Expectations = {
  title: { expected: 'the title of the page', example: 'title: Disk space' },
  owner: { expected: 'who keeps the page true', example: 'owner: platform team' },
  'when-to-use': { expected: 'one line of text', example: 'when-to-use: A build ended with "no space left"' },
}

/** Reads one page; `runbook` is null when there is any problem, and then all of them are listed. */
export function readRunbook(file: string, text: string): { runbook: Runbook | null; problems: Problem[] } {
  const problems: Problem[] = []
  const report: Report = (line, message) => problems.push({ file, line, message })
  const unreadable = whyUnreadable(text)
  if (unreadable) return { runbook: null, problems: [{ file, ...unreadable }] }
  const page = readPage(text)
  const about = readFrontMatter(page, report)
  const failures = readFailures(page, report)
  const rows = page.sections
    .filter((section) => failures.some(({ anchor }) => anchor === section.anchor))
    .flatMap((section) => readRow(file, ownPart(section), text, report) ?? [])
  reportUnlinked(page, failures, report)
  reportTwins(rows, report)
  const section = (title: string) => page.sections.find((other) => other.title.toLowerCase() === title)
  const items = (title: string) => {
    const found = section(title)
    return found ? listItems(found, text) : []
  }
  const verification = items('verification').flatMap((item) => readChecklistItem(item, report) ?? [])
  problems.sort((a, b) => a.line - b.line)
  if (!about || problems.length > 0) return { runbook: null, problems }
  const listed = items('when to use').map((item) => item.text)
  const runbook: Runbook = {
    file,
    title: about.title,
    owner: about.owner,
    whenToUse: listed.length > 0 || !about['when-to-use'] ? listed : [about['when-to-use']],
    cacheSources: items('cache sources').map((item) => item.text),
    triggers: readTriggers(section('cache invalidation triggers')),
    failures,
    verification,
    prohibited: items('prohibited actions').map((item) => item.text),
    seeAlso: items('see also').flatMap((item) => (item.links.length > 0 ? item.links : [{ text: item.text, url: '' }])),
    rows,
  }
  return { runbook, problems }
}

/** What no person writes, and what a Markdown parser would choke on. */
function whyUnreadable(text: string): Omit<Problem, 'file'> | null {
  if (text.length > longestPage)
    return { line: 1, message: `the page has ${text.length} characters, expected at most ${longestPage}` }
  const deep = deepNesting.exec(text)
  if (!deep) return null
  const line = text.slice(0, deep.index).split(/\r\n?|\n/).length
  return { line, message: 'quotations or lists stand in one another 50 deep, expected a page for people' }
}

const longestPage = 1_000_000
const deepNesting = /^(?:[ \t]{0,3}(?:>|(?:[*+-]|\d{1,9}[.)])[ \t])){50}/m

function readFrontMatter(page: Page, report: Report) {
  if (page.frontMatter) return readYaml(page.frontMatter, frontMatter, expectations, report).value
  report(
    1,
    'the page needs front matter between two lines of ---, found none, e.g. title: Disk space and owner: platform team',
  )
  return null
}

function readFailures(page: Page, report: Report): Failure[] {
  const section = page.sections.find(({ title }) => title.toLowerCase() === 'common failures')
  if (!section) return []
  const [head, ...rows] = tableRows(ownPart(section))
  if (!head) {
    report(section.line, '*Common failures* needs a table, found none, e.g. | Error | Cause | Fix |')
    return []
  }
  const titles = head.cells.map((cell) => cell.text.trim().toLowerCase()).join(' | ')
  if (titles !== 'error | cause | fix') {
    report(head.line, `*Common failures* has the columns ${titles}, expected | Error | Cause | Fix |`)
  }
  return rows.flatMap(({ line, cells }) => {
    const [error = '', cause = '', fix = ''] = cells.map((cell) => cell.text.trim())
    const anchor = cells.map((cell) => cell.anchor).find((found) => found !== null)
    if (!anchor) {
      report(
        line,
        `the row "${error}" links to no section of this page, expected one, e.g. | [${error}](#disk-full) | … | … |`,
      )
      return []
    }
    if (!page.sections.some((other) => other.anchor === anchor)) {
      report(
        line,
        `the row "${error}" links to #${anchor}, and this page has no such section, expected one of ${anchorsOf(page)}`,
      )
      return []
    }
    return [{ error, cause, fix, anchor }]
  })
}

function anchorsOf(page: Page): string {
  return page.sections.map((section) => `#${section.anchor}`).join(', ')
}

/** A block no row of the table leads to is a cause that readers of the page would not find. */
function reportUnlinked(page: Page, failures: Failure[], report: Report): void {
  for (const section of page.sections) {
    if (failures.some(({ anchor }) => anchor === section.anchor)) continue
    const block = codeBlocks(ownPart(section)).find(isMachineBlock)
    if (block) {
      report(
        block.line,
        `section "${section.title}" describes a cause, but no row of *Common failures* links to it, expected | [error](#${section.anchor}) | cause | fix |`,
      )
    }
  }
}

function reportTwins(rows: Row[], report: Report): void {
  rows.forEach(({ id, line }, at) => {
    if (rows.findIndex((other) => other.id === id) === at) return
    report(line, `the id ${id} is used twice on this page, expected an id of its own for each cause`)
  })
}

/** Null for an item that is no task: it is for readers only. */
function readChecklistItem({ isTask, text, line, comments }: Item, report: Report): ChecklistItem | null {
  const [bound, second] = comments.filter((comment) => isCheckComment(comment.text))
  if (bound && !isTask) {
    report(bound.line, `the item "${text}" has a check and no box, expected - [ ] ${text} ${bound.text}`)
    return null
  }
  if (!isTask) return null
  if (second) report(second.line, `the item "${text}" has a second check, expected one: give each check its own item`)
  const read = bound ? readCheck(bound.text) : { check: null }
  if ('check' in read) return { text, line, check: read.check }
  report(bound?.line ?? line, read.wrong)
  return null
}

function readTriggers(section: Section | undefined): Trigger[] {
  if (!section) return []
  const [, ...rows] = tableRows(section)
  return rows.map(({ cells }) => ({ change: cells[0]?.text.trim() ?? '', invalidates: cells[1]?.text.trim() ?? '' }))
}
