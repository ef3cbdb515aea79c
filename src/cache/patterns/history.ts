import type { KeptBuild, KeptStep } from '../kept-build.ts'
import type { Miss, MissReason } from '../miss.ts'

/** Oldest first; a copy. */
export function byTime(builds: KeptBuild[]): KeptBuild[] {
  return builds.toSorted(
    (a, b) => a.at.getTime() - b.at.getTime() || a.runId - b.runId || a.attempt - b.attempt || a.index - b.index,
  )
}

/** A commit built again says nothing new: it finds what it left itself. Builds that ran no step say nothing at all. */
export function firstOfEachCommit(builds: KeptBuild[]): KeptBuild[] {
  const seen = new Set<string>()
  return builds.filter((build) => {
    if (!isTelling(build) || seen.has(build.sha)) return false
    seen.add(build.sha)
    return true
  })
}

export function isTelling(build: KeptBuild): boolean {
  return build.steps.some((step) => isLayer(step) && (step.status === 'cached' || ran(step)))
}

/** Nothing but FROM came from a cache. */
export function isCold(build: KeptBuild): boolean {
  return isTelling(build) && !build.steps.some((step) => isLayer(step) && step.status === 'cached')
}

/**
 * Cold, though a cache was read, for no reason that lies in the commit: the bases are those of the build before, and of
 * some stage the first step that missed can only have missed because its record was gone. The builder's comparison says so
 * (`evicted`…), or nothing is known and the step is the same RUN or WORKDIR as before. A COPY may have missed for its
 * files.
 */
export function lostItsCache(build: KeptBuild, before: KeptBuild): boolean {
  if (!isCold(build) || !build.imports.some(({ ok }) => ok) || !sameBases(build, before)) return false
  const known = new Set(before.steps.map((step) => keyOf(step.stage, step.name)))
  return build.firstMisses.some(
    (miss) => goneReasons.has(miss.reason) || (isDecisive(miss) && known.has(keyOf(miss.stage, miss.step))),
  )
}

/** With the reason unknown, a step that has no input beside the steps before it. */
export function isDecisive({ reason, step }: Miss): boolean {
  return reason === 'unknown' && /^(?:RUN|WORKDIR)\b/i.test(stepText(step)) && !/--mount=\S*\btype=bind/i.test(step)
}

const goneReasons: ReadonlySet<MissReason> = new Set(['evicted', 'scope-overwritten', 'not-exported', 'pruned'])

/** BuildKit names the digest of a base in the step: another digest is another base. */
export function sameBases(build: KeptBuild, before: KeptBuild): boolean {
  const known = new Set(before.steps.filter((step) => !isLayer(step)).map((step) => stepText(step.name)))
  return build.steps.every((step) => isLayer(step) || known.has(stepText(step.name)))
}

export function isLayer({ name }: KeptStep): boolean {
  return !/^FROM\b/i.test(stepText(name))
}

export function ran({ status }: KeptStep): boolean {
  return status === 'executed' || status === 'failed' || status === 'canceled'
}

/** `[linux/amd64 deps 3/4] RUN npm ci` → `RUN npm ci`, also of builders that count differently. */
export function stepText(name: string): string {
  return name
    .replace(/^\[(?:[^\]]*\s)?\d+\/\d+\]\s+|^STEP \d+(?:\/\d+)?\s*:\s*/i, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** One step on all platforms and wherever it stands in its stage. */
export function keyOf(stage: string | null, name: string): string {
  return `${stage ?? ''}\n${stepText(name)}`
}

/** Whose caches GitHub lets a build read and write as its own. */
export function scopeOf({ ref, event, branch }: KeptBuild): string {
  return ref ?? `${event ?? ''} ${branch ?? ''}`
}

/** A later build could find something: a failed build exports nothing, nor does one that only reads a cache. */
export function leftCache({ exports, imports, outcome }: KeptBuild): boolean {
  if (exports.some(({ ok }) => ok)) return true
  return outcome === 'succeeded' && exports.length === 0 && imports.length === 0
}

/** The latest earlier build with steps that read and wrote the same scope, for each build that has one. */
export function pairs(history: KeptBuild[]): { before: KeptBuild; build: KeptBuild }[] {
  const latest = new Map<string, KeptBuild>()
  return history.filter(isTelling).flatMap((build) => {
    const before = latest.get(scopeOf(build))
    latest.set(scopeOf(build), build)
    return before ? [{ before, build }] : []
  })
}

/** Seconds beyond what a warm build of the series takes: max(0, seconds − median of the others'), summed. */
export function excessSeconds(shown: KeptBuild[], history: KeptBuild[]): number {
  const warm = history.filter((build) => !shown.includes(build) && !isCold(build)).map(({ seconds }) => seconds ?? 0)
  const usual = warm.length === 0 ? 0 : median(warm)
  return rounded(shown.reduce((sum, { seconds }) => sum + Math.max(0, (seconds ?? 0) - usual), 0))
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

export function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
