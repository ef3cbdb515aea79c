import type { Build, Vertex } from '../build/build.ts'
import { redact } from '../build/redact.ts'
import { isByProduct } from '../cache/by-product.ts'
import type { Miss } from '../cache/miss.ts'
import type { BuildSummary, Cause } from './explanation.ts'
import type { Row } from './runbook.ts'
import { fillCaptures } from './runbook-sign.ts'

/** A build of the log with the summaries of its images. */
export type Summarised = { build: Build; summaries: BuildSummary[] }

/**
 * Causes that no line of a log shows but the misses do (`decided-by: cache` in a runbook): unexpected ones, the costliest
 * first, each cause once. A guess is none.
 */
export function missCauses(builds: Summarised[], rows: Row[]): Cause[] {
  const found = builds.flatMap(({ build, summaries }) =>
    summaries.flatMap(({ firstMisses }) =>
      firstMisses.flatMap((miss) => {
        const row = rows.find(({ id }) => id === causeIdOf(miss))
        return row ? { miss, row, vertex: vertexOf(build, miss) } : []
      }),
    ),
  )
  found.sort((a, b) => (b.miss.secondsLost ?? 0) - (a.miss.secondsLost ?? 0))
  const once = found.filter(({ row }, at) => found.findIndex((other) => other.row === row) === at)
  return once.map(({ miss, row, vertex }) => causeOf(row, miss, vertex))
}

/** The catalogue's name for what stands behind a miss; null when it is as it should be, or only guessed. */
function causeIdOf({ reason, expected, certainty, files, step, detail }: Miss): string | null {
  if (certainty === 'low') return null
  if (reason === 'evicted') return 'gha-cache-evicted'
  if (reason === 'scope-overwritten') return 'gha-cache-scope-clobbered'
  if (reason === 'not-exported') return /mode=min/.test(detail) ? 'cache-mode-min' : null
  if (expected !== false) return null
  if (/recipe\.json|cargo chef cook/.test(step)) return 'chef-cook-not-cached'
  if (reason === 'file-changed') return files.every(isByProduct) ? 'context-dirty' : 'copy-all-too-early'
  return unexpected[reason] ?? null
}

const unexpected: Partial<Record<Miss['reason'], string>> = {
  'build-arg-changed': 'volatile-build-arg',
  'file-metadata-changed': 'file-mode-differs',
  'remote-file-changed': 'add-remote-changed',
  'base-image-moved': 'base-image-moved',
}

function vertexOf(build: Build, { step }: Miss): Vertex | null {
  return [...build.vertices.values()].find(({ text }) => redact(text) === step) ?? null
}

function causeOf(row: Row, miss: Miss, vertex: Vertex | null): Cause {
  const fill = (text: string) => fillCaptures(text, { step: miss.step, file: miss.files[0] ?? '' })
  const shown = vertex && /^(?:#\d+|sha256:\w+)$/.test(vertex.key) ? vertex.key : null
  return {
    id: row.id,
    family: row.family,
    title: fill(row.title),
    summary: `${fill(row.summary).replace(/\.$/, '')}: ${miss.detail}.`,
    // the log and something beside it say so, or nothing else is left
    confidence: miss.certainty === 'high' ? 0.9 : 0.7,
    severity: row.severity === 'fatal' ? 'slow' : row.severity,
    transient: row.transient,
    step: { vertex: shown, name: miss.step, stage: miss.stage, dockerfileLine: vertex?.dockerfileLine ?? null },
    evidence: vertex ? [{ line: Math.max(1, vertex.line), text: redact(vertex.text.split('\n')[0] ?? '') }] : [],
    // what was to be made sure of first was looked at
    fix: row.fix.filter((step) => miss.certainty !== 'high' || !step.startsWith('To be sure')).map(fill),
    remedies: row.remedies,
    runbook: row.runbook,
  }
}
