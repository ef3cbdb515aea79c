import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import type { Finding } from './finding.ts'
import { ignoreWithoutReason } from './rules.ts'

/**
 * `# layerwise ignore=rule,rule reason` above an instruction, `# layerwise ignore-file=rule reason` anywhere in a Dockerfile.
 * One without a reason ignores nothing, and is a finding itself.
 */
export function markIgnored(findings: Finding[], dockerfile: Dockerfile): Finding[] {
  const comments = readComments(dockerfile)
  const marked = findings.map((finding) => {
    const comment = comments.find(
      (one) => one.reason !== '' && one.rules.includes(finding.rule) && covers(one, finding.line),
    )
    return comment ? { ...finding, ignored: comment.reason } : finding
  })
  return [
    ...marked,
    ...comments.filter(({ reason }) => reason === '').map((comment) => unreasoned(dockerfile, comment)),
  ]
}

type Comment = {
  line: number
  rules: string[]
  reason: string
  /** line of the instruction below; null for the whole file */
  below: number | null
}

function covers({ below }: Comment, line: number): boolean {
  return below === null || below === line
}

function readComments({ text }: Dockerfile): Comment[] {
  const lines = text.split(/\r?\n/)
  return lines.flatMap((line, at) => {
    const [, file, rules = '', reason = ''] =
      /^\s*#\s*layerwise\s+ignore(-file)?=([\w,-]+)(?![\w,-])(.*)$/.exec(line) ?? []
    if (rules === '') return []
    const below = lines.findIndex((next, index) => index > at && !/^\s*(?:#|$)/.test(next)) + 1
    return [{ line: at + 1, rules: rules.split(','), reason: reason.trim(), below: file === undefined ? below : null }]
  })
}

function unreasoned({ file }: Dockerfile, { line, rules }: Comment): Finding {
  const { id, level, runbook } = ignoreWithoutReason
  return {
    ...{ rule: id, level, file, line, endLine: line, cost: null, edit: null, runbook, ignored: null },
    message: `this ignores ${rules.join(', ')} without a reason, so it does not count`,
    why: `Whoever reads it next has to know whether it still holds: \`# layerwise ignore=${rules.join(',')} <reason>\`.`,
  }
}
