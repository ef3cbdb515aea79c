import type { KeptBuild } from '../cache/kept-build.ts'
import { checkSummary, checkTitle, plain } from './check-summary.ts'
import { counts, type Finding } from './finding.ts'
import type { PullFiles } from './pull.ts'
import { type PullFinding, type PullFindings, pullFindings } from './pull-findings.ts'
import { pullPredictions } from './pull-predictions.ts'

/** What a check run says of a pull request. */
export type PullVerdict = {
  conclusion: 'success' | 'neutral' | 'failure'
  title: string
  /** Markdown */
  summary: string
  remarks: Remark[]
}

/** Beside lines of a file that the pull request changes. */
export type Remark = {
  path: string
  startLine: number
  endLine: number
  level: 'notice' | 'warning' | 'failure'
  title: string
  message: string
}

/**
 * Holds a pull request against the runbook, and foretells what it takes out of the cache. Fails only for what it newly
 * breaks. `history`: builds that are remembered, for what a fault costs.
 */
export function judgePull(pull: PullFiles, history: KeptBuild[] = []): PullVerdict {
  const found = pullFindings(pull, history)
  const told = { ...found, images: pullPredictions(pull), missing: pull.missing, texts: pull.head.texts }
  const conclusion = conclusionOf(found)
  return {
    conclusion,
    title: checkTitle(told),
    summary: checkSummary(told),
    remarks: remarksOf(pull, found).slice(0, mostRemarks),
  }
}

/** GitHub takes more, nobody reads them. */
const mostRemarks = 100

function conclusionOf({ findings, problems }: PullFindings): PullVerdict['conclusion'] {
  if (findings.some(({ finding, introduced }) => finding.level === 'prohibited' && introduced)) return 'failure'
  const warns = findings.some(
    ({ finding, concerned }) => counts(finding) && (concerned || finding.level === 'prohibited'),
  )
  return warns || problems.length > 0 ? 'neutral' : 'success'
}

function remarksOf({ changed }: PullFiles, { findings, problems }: PullFindings): Remark[] {
  const touched = new Set(changed.files.map(({ path }) => path))
  const worth = ({ finding, concerned }: PullFinding) =>
    touched.has(finding.file) && (concerned || finding.level === 'prohibited')
  return [
    ...findings.filter(worth).map((one) => remarkOf(one)),
    ...problems.map(
      ({ file, line, message }): Remark => ({
        ...{ path: file, startLine: line, endLine: line, level: 'warning' },
        ...{ title: 'Cannot be understood', message: plain(message) },
      }),
    ),
  ]
}

function remarkOf({ finding, introduced }: PullFinding): Remark {
  const { file, line, endLine, level, rule, message, why } = finding
  const levelAt: Record<Finding['level'], Remark['level']> = {
    prohibited: introduced ? 'failure' : 'warning',
    warning: 'warning',
    note: 'notice',
  }
  const title = level === 'prohibited' ? `Prohibited: ${rule}` : rule
  const known = introduced ? '' : '\nThe base branch has this already.'
  return {
    path: file,
    startLine: line,
    endLine,
    level: levelAt[level],
    title,
    message: `${plain(message)}\n${plain(why)}${known}`,
  }
}
