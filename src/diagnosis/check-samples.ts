import { explainText } from './explain.ts'
import type { Row } from './runbook.ts'
import type { Problem } from './runbook-problem.ts'
import type { Catalogue } from './runbooks.ts'

/**
 * Holds the pages to their own samples: each `log` must be recognised as its row before any other row of the catalogue,
 * each `log no-match` as anything else. `folder` limits the check to pages of one folder, by its name.
 */
export function checkSamples(catalogue: Catalogue, folder: string | null = null): Problem[] {
  const recognise = (text: string): string | null => explainText(text, catalogue).diagnosis?.id ?? null
  return [...catalogue.rows.values()]
    .filter((row) => row.decidedBy === 'signs' && (folder === null || row.runbook.file.startsWith(`${folder}/`)))
    .flatMap((row) => row.samples.flatMap((sample) => problemOf(row, sample, recognise(sample.text)) ?? []))
}

function problemOf(row: Row, { kind, line }: Row['samples'][number], said: string | null): Problem | null {
  const { file } = row.runbook
  if (kind === 'match' && said !== row.id) {
    return {
      file,
      line,
      message: `this log is recognised as ${said ?? 'nothing'}, expected ${row.id}: make a sign more exact, or its rank higher`,
    }
  }
  if (kind === 'no-match' && said === row.id) {
    return {
      file,
      line,
      message: `this log is recognised as ${row.id}, expected anything else: add an \`unless\`, or narrow \`where\``,
    }
  }
  return null
}
