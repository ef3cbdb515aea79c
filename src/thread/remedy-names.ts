import { type Plan, planBytes } from '../remedy/plan.ts'
import type { Remedy } from '../remedy/remedy.ts'
import { clean, cut } from './escape.ts'
import { bytes } from './layers-words.ts'

/** What a plan is called: plain text, for whoever puts it into a sentence to escape. */

export type Prune = Extract<Plan, { entries: unknown[] }>

export function isPrune(plan: Plan): plan is Prune {
  return 'entries' in plan
}

/** "Re-run of the failed jobs", "Prune of 12 cache entries (1.40 GB)" */
export function remedyName(plan: Plan): string {
  switch (plan.operation) {
    case 'rerun-failed':
      return `Re-run of the failed jobs${withDebug(plan)}`
    case 'rerun-job':
      return `Re-run of job ${cut(plan.jobName, 80)}${withDebug(plan)}`
    case 'rebuild':
      return 'Rebuild without cache'
    case 'prune-caches':
    case 'prune-tags':
    case 'prune-builder':
      return `Prune of ${amount(plan)}`
    default:
      return plan satisfies never
  }
}

/** As a button says it: "Prune 12 entries". */
export function remedyVerb(plan: Plan): string {
  if (isPrune(plan)) return `Prune ${counted(plan.entries.length, 'entry')}`
  return plan.operation === 'rebuild' ? 'Rebuild' : 'Re-run'
}

/** "12 cache entries (1.40 GB)" */
export function amount(plan: Prune): string {
  return `${counted(plan.entries.length, entryNames[plan.operation])} (${freed(plan)})`
}

/** Enough of a plan's hash to tell two lists apart by eye. */
export function shortHash(hash: string): string {
  return clean(hash).slice(0, 8)
}

/** What pruning would free; of some entries the size may not be known. */
export function freed(plan: Prune): string {
  const unknown = unsized(plan)
  if (unknown === plan.entries.length && unknown > 0) return 'size not known'
  return `${unknown > 0 ? 'at least ' : ''}${bytes(planBytes(plan))}`
}

export function unsized({ entries }: Prune): number {
  return entries.reduce<number>((count, { sizeBytes }) => count + (sizeBytes === null ? 1 : 0), 0)
}

const entryNames = {
  'prune-caches': 'cache entry',
  'prune-tags': 'image version',
  'prune-builder': 'build cache record',
} as const

/** What it costs, so that people know before they agree. */
export const classWords: Record<Remedy['class'], string> = {
  reversible: 'harmless: nothing is lost by it',
  costly: 'costly: it takes a whole build',
  destructive: 'destructive: what is deleted has to be built again',
}

/** `1 entry`, `12 entries` */
export function counted(number: number, what: string): string {
  const many = /[^aeiou]y$/.test(what) ? `${what.slice(0, -1)}ies` : `${what}s`
  return `${number} ${number === 1 ? what : many}`
}

function withDebug({ debug }: { debug: boolean }): string {
  return debug ? ' with debug logging' : ''
}
