import type { Finding, Level } from './finding.ts'
import { allRules } from './rules.ts'

/**
 * Findings in the Static Analysis Results Interchange Format 2.1.0, as GitHub's code scanning and editors take it. Ignored
 * ones are in it, marked as suppressed. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifOf(findings: Finding[], tool: { version: string }): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'layerwise', semanticVersion: tool.version, rules: allRules.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map(resultOf),
      },
    ],
  }
}

const sarifLevels: Record<Level, string> = { prohibited: 'error', warning: 'warning', note: 'note' }

function ruleOf({ id, level, summary, runbook }: (typeof allRules)[number]) {
  const text = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
  return {
    id,
    shortDescription: { text },
    help: { text: `${text} See ${runbook.file}#${runbook.anchor} of the runbooks.` },
    defaultConfiguration: { level: sarifLevels[level] },
  }
}

function resultOf(finding: Finding) {
  const { rule, level, file, line, endLine, message, why, cost, edit, ignored } = finding
  const costs = cost === null ? '' : ` It cost ${cost.secondsPerBuild} s in each of ${cost.builds} builds.`
  return {
    ruleId: rule,
    ruleIndex: allRules.findIndex(({ id }) => id === rule),
    level: sarifLevels[level],
    message: { text: `${sentence(message)} ${why}${costs}` },
    locations: [{ physicalLocation: { artifactLocation: artifact(file), region: { startLine: line, endLine } } }],
    ...(edit && { fixes: [fixOf(edit, rule)] }),
    ...(ignored !== null && { suppressions: [{ kind: 'inSource', justification: ignored }] }),
  }
}

/** A region from the first column of a line to the first of the line behind it takes whole lines; an empty one inserts. */
function fixOf({ file, startLine, endLine, replacement }: NonNullable<Finding['edit']>, rule: string) {
  const deletedRegion = { startLine, startColumn: 1, endLine: Math.max(startLine, endLine + 1), endColumn: 1 }
  const text = replacement.map((line) => `${line}\n`).join('')
  return {
    description: { text: `Proposed for ${rule}` },
    artifactChanges: [
      {
        artifactLocation: artifact(file),
        replacements: [{ deletedRegion, ...(text !== '' && { insertedContent: { text } }) }],
      },
    ],
  }
}

/** Relative to the folder that was linted. */
function artifact(file: string) {
  return { uri: file.split('/').map(encodeURIComponent).join('/') }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
