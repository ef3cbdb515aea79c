import { diffOf, type Finding } from '../lint/finding.ts'
import type { LintReport } from '../lint/lint.ts'
import { clean } from './escape.ts'

/** Findings for a person at a terminal, each with the edit as a diff. `under` stands in front of the paths. */
export function printLint(report: LintReport, texts: ReadonlyMap<string, string>, under: string): string {
  const { findings, problems } = report
  const shown = findings.filter(({ ignored }) => ignored === null)
  const lines = [
    ...problems.map(({ file, line, message }) => `${under}${file}:${line}: could not be read: ${message}`),
    ...shown.flatMap((finding) => findingLines(finding, texts, under)),
    summaryOf(report, shown),
    '',
  ]
  // a terminal obeys what a file may hold
  return clean(lines.join('\n'))
}

function findingLines(finding: Finding, texts: ReadonlyMap<string, string>, under: string): string[] {
  const { rule, level, file, line, message, why, cost, edit, runbook } = finding
  const costs = cost === null ? [] : [`  Cost: ${costWords(cost)}`]
  const diff =
    edit === null
      ? []
      : diffOf(edit.file, texts.get(edit.file) ?? null, [edit])
          .trimEnd()
          .split('\n')
  return [
    `${under}${file}:${line}: ${level} ${rule}: ${message}`,
    `  ${why}`,
    ...costs,
    ...(runbook ? [`  Runbook: ${runbook.file}#${runbook.anchor}`] : []),
    ...(diff.length > 0 ? ['', ...diff.map((text) => `    ${text}`)] : []),
    '',
  ]
}

export function costWords({ secondsPerBuild, builds }: NonNullable<Finding['cost']>): string {
  return builds === 1
    ? `${secondsPerBuild} s in the build that is known`
    : `${secondsPerBuild} s a build, in ${builds} builds`
}

function summaryOf({ findings, dockerfiles, workflows }: LintReport, shown: Finding[]): string {
  const looked = `${count(dockerfiles.length, 'Dockerfile')} and ${count(workflows.length, 'workflow')}`
  const ignored = findings.length - shown.length
  const rest = ignored === 0 ? '' : `, ${ignored} ignored`
  if (dockerfiles.length + workflows.length === 0) return 'There is no Dockerfile and no workflow here.'
  if (shown.length === 0) return `Nothing found in ${looked}${rest}.`
  return `${count(shown.length, 'finding')} in ${looked}${rest}.`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
