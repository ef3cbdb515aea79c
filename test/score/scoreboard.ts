import { z } from 'zod'
import type { Explanation } from '../../src/diagnosis/explanation.ts'

/** Labelled logs and how they are scored: right, vague, missed, wrong; one log, one verdict, on the first diagnosis. */
const labelledLog = z.object({
  id: z.string(),
  kind: z.string(),
  log: z.string(),
  expect: z.object({
    failed: z.boolean().nullable(),
    failing_step: z.string().nullable().optional(),
    cause: z.string(),
    family: z.string(),
    cached_steps: z.number().nullable().optional(),
    executed_steps: z.number().nullable().optional(),
  }),
})
const acceptTable = z.record(z.string(), z.object({ accept: z.array(z.string()), vague: z.array(z.string()) }))

export type LabelledLog = z.infer<typeof labelledLog>
export type Accept = z.infer<typeof acceptTable>
export type Verdict = 'right' | 'vague' | 'missed' | 'wrong'
export type Judged = {
  id: string
  family: string
  cause: string
  verdict: Verdict
  said: string
  confidence: number
  outcome: 'right' | 'wrong' | 'not counted'
  steps: 'right' | 'wrong' | 'not counted'
  stepsSaid: string
}

export function readLabelledLogs(text: string, file: string): LabelledLog[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, index }) => {
      const parsed = labelledLog.safeParse(parseLine(line))
      if (!parsed.success) throw new Error(`${file}:${index + 1}: not a labelled log: ${z.prettifyError(parsed.error)}`)
      return parsed.data
    })
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

export function readAccept(text: string): Accept {
  return acceptTable.parse(JSON.parse(text))
}

export function judge(log: LabelledLog, explanation: Explanation, accept: Accept): Judged {
  const { diagnosis } = explanation
  const row = accept[log.expect.cause] ?? { accept: [log.expect.cause], vague: [] }
  return {
    id: log.id,
    family: log.expect.family,
    cause: log.expect.cause,
    verdict: verdictOf(explanation, row),
    said: diagnosis?.id ?? 'nothing',
    confidence: diagnosis?.confidence ?? 0,
    outcome: outcomeVerdict(log, explanation),
    ...stepsVerdict(log, explanation),
  }
}

function verdictOf({ diagnosis, outcome }: Explanation, { accept, vague }: Accept[string]): Verdict {
  const noneWanted = accept.includes('none')
  if (!diagnosis) return noneWanted ? 'right' : 'missed'
  if (accept.includes(diagnosis.id)) return 'right'
  if (noneWanted && diagnosis.family === 'not-docker') return 'right'
  if (noneWanted && diagnosis.severity !== 'fatal' && outcome !== 'failed') return 'right'
  if (vague.includes(diagnosis.id) || diagnosis.id === 'unknown-failure') return 'vague'
  return 'wrong'
}

function outcomeVerdict(log: LabelledLog, { outcome }: Explanation): Judged['outcome'] {
  if (log.expect.failed === null) return 'not counted'
  return outcome === (log.expect.failed ? 'failed' : 'succeeded') ? 'right' : 'wrong'
}

function stepsVerdict({ expect }: LabelledLog, { builds }: Explanation): Pick<Judged, 'steps' | 'stepsSaid'> {
  const cached = builds.reduce((sum, build) => sum + build.cached, 0)
  const executed = builds.reduce((sum, build) => sum + build.executed, 0)
  const stepsSaid = `${cached} cached, ${executed} ran; wanted ${expect.cached_steps ?? '–'}, ${expect.executed_steps ?? '–'}`
  if (expect.cached_steps == null && expect.executed_steps == null) return { steps: 'not counted', stepsSaid }
  const right = (expect.cached_steps ?? cached) === cached && (expect.executed_steps ?? executed) === executed
  return { steps: right ? 'right' : 'wrong', stepsSaid }
}

export function figures(judged: Judged[]): { precision: number; recall: number; confidentlyWrong: number } {
  const count = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict).length
  const right = count('right')
  const confident = judged.filter((one) => one.verdict === 'wrong' && one.confidence >= 0.7).length
  return {
    precision: right / (right + count('wrong')),
    recall: right / judged.length,
    confidentlyWrong: confident / judged.length,
  }
}

export function scoreboard(judged: Judged[]): string {
  const lines = [row('family', 'logs', 'right', 'vague', 'missed', 'wrong')]
  const families = Map.groupBy(judged, (one) => one.family)
  for (const [family, own] of [...families].sort(([a], [b]) => a.localeCompare(b))) lines.push(familyRow(family, own))
  lines.push(familyRow('all', judged))
  const { precision, recall, confidentlyWrong } = figures(judged)
  lines.push(
    '',
    `precision ${share(precision)}   recall ${share(recall)}   confidently wrong ${share(confidentlyWrong)}`,
  )
  lines.push(
    `outcome ${tally(judged.map((one) => one.outcome))}   step counts ${tally(judged.map((one) => one.steps))}`,
  )
  for (const one of judged) {
    if (one.verdict !== 'right')
      lines.push(`${one.verdict.padEnd(7)} ${one.id}: wanted ${one.cause}, said ${one.said} (${one.confidence})`)
    if (one.outcome === 'wrong') lines.push(`outcome ${one.id}`)
    if (one.steps === 'wrong') lines.push(`steps   ${one.id}: ${one.stepsSaid}`)
  }
  return `${lines.join('\n')}\n`
}

function familyRow(family: string, judged: Judged[]): string {
  const count = (verdict: Verdict) => String(judged.filter((one) => one.verdict === verdict).length)
  return row(family, String(judged.length), count('right'), count('vague'), count('missed'), count('wrong'))
}

function row(family: string, ...cells: string[]): string {
  return family.padEnd(16) + cells.map((cell) => cell.padStart(8)).join('')
}

function share(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(3)
}

function tally(verdicts: Judged['outcome'][]): string {
  const counted = verdicts.filter((verdict) => verdict !== 'not counted')
  return `${counted.filter((verdict) => verdict === 'right').length}/${counted.length}`
}
