import { diffArrays } from 'diff'
import type { KeptBuild } from '../cache/kept-build.ts'
import type { LintFiles } from './files.ts'
import type { Finding } from './finding.ts'
import { type LintReport, lint } from './lint.ts'
import { changedPaths, dockerfilesConcerned, type PullFiles } from './pull.ts'

/** A finding in the light of a pull request. */
export type PullFinding = {
  finding: Finding
  /** the base branch does not have it */
  introduced: boolean
  /** it is new, or lies in lines that the pull request writes: worth a remark beside them */
  concerned: boolean
}

export type PullFindings = { findings: PullFinding[]; problems: LintReport['problems'] }

/** What the rules say of the files that a pull request has to do with; what somebody wanted ignored is left out. */
export function pullFindings(pull: PullFiles, history: KeptBuild[]): PullFindings {
  const touched = changedPaths(pull)
  const files = new Set([...touched, ...dockerfilesConcerned(pull)])
  const now = lint(pull.head, { history })
  const known = new Set(lint(pull.base).findings.map((finding) => nameOf(finding, pull.base)))
  const written = new Map<string, Set<number>>()
  const linesOf = (file: string) => {
    const lines = written.get(file) ?? writtenLines(pull.base.texts.get(file), pull.head.texts.get(file) ?? '')
    written.set(file, lines)
    return lines
  }
  const findings = now.findings.filter(({ file, ignored }) => ignored === null && files.has(file))
  return {
    findings: findings.map((finding) => {
      const introduced = !known.has(nameOf(finding, pull.head))
      const concerned = touched.has(finding.file) && (introduced || overlaps(finding, linesOf(finding.file)))
      return { finding, introduced, concerned }
    }),
    problems: now.problems.filter(({ file }) => touched.has(file)),
  }
}

/** The same on both sides, wherever its line stands now. */
function nameOf({ rule, file, line, message }: Finding, { texts }: LintFiles): string {
  const text = texts.get(file)?.split(/\r?\n/)[line - 1]?.trim()
  return JSON.stringify([rule, file, text ?? message])
}

function overlaps({ line, endLine }: Finding, lines: Set<number>): boolean {
  for (let at = line; at <= endLine; at++) if (lines.has(at)) return true
  return false
}

/** Lines that are new or other than before, counted from 1. */
function writtenLines(before: string | undefined, after: string): Set<number> {
  const lines = new Set<number>()
  let at = 1
  for (const { added, removed, value } of diffArrays((before ?? '').split(/\r?\n/), after.split(/\r?\n/))) {
    if (removed) continue
    if (added) for (let line = at; line < at + value.length; line++) lines.add(line)
    at += value.length
  }
  return lines
}
