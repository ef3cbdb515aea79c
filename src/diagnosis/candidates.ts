import { belongs } from './belongs.ts'
import { type Clue, rankOf } from './clue.ts'
import { type Failure, markedInstruction } from './failure.ts'
import { bears } from './match.ts'
import type { Row } from './runbook.ts'

/** A row whose signs, taken together, hold at one place of the log. */
export type Candidate = {
  row: Row
  hits: Clue[]
  /** how basic the most basic of its signs is */
  rank: number
  /** it explains the failure; otherwise it only stands beside it */
  fatal: boolean
  /** how near the deciding sign stands to what failed: 3 its own output, 2 the closing error, 1 around it */
  nearness: 1 | 2 | 3
}

/** Rows that hold, best first: the more basic error, then the nearer, then the more specific, then the earlier. */
export function candidates(hits: Clue[], failure: Failure | null): Candidate[] {
  const byRow = Map.groupBy(hits, (hit) => hit.row)
  return [...byRow]
    .flatMap(([row, own]) => candidateOf(row, own, failure) ?? [])
    .sort(
      (a, b) =>
        Number(b.fatal) - Number(a.fatal) ||
        b.rank - a.rank ||
        b.nearness - a.nearness ||
        specificity(b) - specificity(a) ||
        firstLine(a) - firstLine(b),
    )
}

/**
 * What failed and is tried again may yet go well, and when it does not, its last words say so without this announcement:
 * cargo, npm, pip (whose `total` counts down to 0), curl, wget, yarn.
 */
function announcesAnotherTry({ place, text }: Clue): boolean {
  return place === 'step' && anotherTry.test(text)
}

const anotherTry =
  /\([1-9]\d? tries remaining\)|\bnpm (?:warn|WARN) attempt \d|Retry\(total=[1-9]|Will retry in \d|\bretries left\b|[.,;] Retrying(?:\.|$| in )/

function candidateOf(row: Row, hits: Clue[], failure: Failure | null): Candidate | null {
  const own = hits.filter((hit) => belongs(hit, failure) && !(hit.role === 'sign' && announcesAnotherTry(hit)))
  const groups = Map.groupBy(own, (hit) => hit.vertex ?? hit.build ?? hit.jobStep)
  let best: Candidate | null = null
  for (const group of groups.values()) {
    const around = hits.filter(
      (hit) => isAnywhere(hit) || sameScope(hit, group[0]) || (isOfWholeJob(hit, group[0]) && own.includes(hit)),
    )
    const signs = whatHolds(row, group, around, failure)
    if (signs.length === 0) continue
    const nearness = Math.max(...signs.map((hit) => nearnessOf(hit, failure))) as Candidate['nearness']
    const fatal = row.severity === 'fatal' && explains(signs, failure)
    const evidence = [...signs, ...around.filter((hit) => hit.role === 'all' && !signs.includes(hit))]
    const found: Candidate = { row, hits: evidence, rank: rankOf(signs), nearness, fatal }
    if (!best || found.fatal > best.fatal || (found.fatal === best.fatal && found.nearness > best.nearness))
      best = found
  }
  return best
}

/**
 * Any sign whose own conditions hold, every one of `all`, none of `unless`, and the name of the failing step as asked.
 * Returns the signs, and what of `all` stands beside them; nothing when the row does not hold.
 */
function whatHolds(row: Row, own: Clue[], around: Clue[], failure: Failure | null): Clue[] {
  const signs = own.filter((hit) => hit.role === 'sign' && conditionsHold(row, hit.index, around))
  if (signs.length === 0 || !conditionsHold(row, null, around)) return []
  const step = own[0]?.vertex?.text || failure?.vertex?.text || markedInstruction(failure?.build ?? null)
  if (row.step && !bears(row.step, step)) return []
  if (row.stepUnless && bears(row.stepUnless, step)) return []
  return [...signs, ...own.filter((hit) => hit.role === 'all')]
}

/** Of the conditions of one sign, or of the whole row: something of each choice of `all`, nothing of `unless`. */
function conditionsHold(row: Row, of: number | null, around: Clue[]): boolean {
  const found = (role: 'all' | 'unless', index: number) =>
    around.some((hit) => hit.role === role && hit.index === index)
  const wanted = new Map<number, boolean>()
  row.all.forEach((condition, index) => {
    if (condition.of !== of) return
    wanted.set(condition.choice, wanted.get(condition.choice) === true || found('all', index))
  })
  if ([...wanted.values()].includes(false)) return false
  return !row.unless.some((condition, index) => condition.of === of && found('unless', index))
}

function isAnywhere({ row, role, index }: Clue): boolean {
  return role !== 'sign' && row[role][index]?.anywhere === true
}

/** What the runner says holds for the whole job. */
function isOfWholeJob(hit: Clue, other: Clue | undefined): boolean {
  return hit.place === 'runner' || other?.place === 'runner'
}

function sameScope(hit: Clue, other: Clue | undefined): boolean {
  if (!other) return false
  // what the log shows as a whole may stand beside a line before the build
  if (hit.place === 'observed' || other.place === 'observed') return hit.jobStep === other.jobStep
  return hit.build === other.build && (hit.build !== null || hit.jobStep === other.jobStep)
}

/** An export that was allowed to fail, an import and the like cost time, not the job. */
function explains(signs: Clue[], failure: Failure | null): boolean {
  if (!failure) return false
  return signs.some((hit) => {
    if (hit.place === 'import') return false
    if (hit.place === 'export') return hit.vertex === failure.vertex
    if (hit.place === 'observed') return hit.vertex !== null && hit.vertex === failure.vertex
    return true
  })
}

function nearnessOf(hit: Clue, failure: Failure | null): Candidate['nearness'] {
  if (hit.vertex !== null && (hit.vertex === failure?.vertex || hit.place === 'import' || hit.place === 'export'))
    return 3
  if (hit.place === 'error') return 2
  return 1
}

function specificity(candidate: Candidate): number {
  return Math.max(
    ...candidate.hits.map(({ row, role, index }) => {
      const sign = role === 'sign' ? row.signs[index] : row.all[index]?.sign
      if (sign?.kind === 'literal') return sign.text.length
      return sign?.kind === 'pattern' ? sign.source.length : 0
    }),
  )
}

function firstLine(candidate: Candidate): number {
  return Math.min(...candidate.hits.map((hit) => hit.line))
}
