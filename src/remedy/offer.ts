import type { BuildSummary, Cause, Family } from '../diagnosis/explanation.ts'
import type { RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import type { Builder } from './policy.ts'
import type { Offered } from './press.ts'
import { type Remedy, type RemedyKind, remedies } from './remedy.ts'

/** A remedy that helps with this failure, as its button says it. */
export type Offer = {
  offered: Offered
  kind: RemedyKind
  class: Remedy['class']
  /** at most 75 characters, a verb first */
  label: string
  /** why it helps, in the runbook's words */
  why: string
  style: 'primary' | 'danger' | null
}

export type OfferFacts = {
  diagnosis: RunDiagnosis
  /** `owner:branch` of a fork; null: not known, or a tag */
  branch: string | null
  /** those of this repository */
  builders: Builder[]
}

/**
 * What can be pressed under a failure: only what the runbook says helps, and of that only what can be done from here. The
 * most helpful first; whoever shows them puts the first three side by side. (None of the operations edits a file, so none
 * can break a runbook's prohibited actions; proposed edits are held to those in lint/fixes.ts.)
 */
export function offersFor(facts: OfferFacts): Offer[] {
  const cause = causeOf(facts.diagnosis)
  if (cause === null) return []
  const [reruns, others] = [rerunsFor(facts, cause), [...rebuildsFor(facts, cause), ...prunesFor(facts, cause)]]
  const [first, ...more] = [...reruns.slice(0, 1), ...others, ...reruns.slice(1)]
  return first ? [first.style === null ? { ...first, style: 'primary' } : first, ...more] : []
}

function causeOf({ jobs, lead }: RunDiagnosis): Cause | null {
  return lead === null ? null : (jobs[lead]?.explanation?.diagnosis ?? null)
}

function helping(cause: Cause, kind: RemedyKind): string | null {
  const found = cause.remedies.find((remedy) => remedy.kind === kind)
  return found?.verdict === 'helps' ? found.why : null
}

function offer(offered: Offered, label: string, why: string): Offer {
  const { kind, class: costs } = remedies[offered.operation]
  return {
    offered,
    kind,
    class: costs,
    label: label.slice(0, 75).toWellFormed(),
    why,
    style: costs === 'destructive' ? 'danger' : null,
  }
}

function rerunsFor({ diagnosis }: OfferFacts, cause: Cause): Offer[] {
  const why = helping(cause, 'rerun')
  if (why === null) return []
  const failed = diagnosis.jobs.filter(({ conclusion }) => conclusion !== 'success')
  if (failed.length === 0) return []
  const lead = diagnosis.lead === null ? undefined : diagnosis.jobs[diagnosis.lead]
  const sharing = diagnosis.groups[0]?.jobs.length ?? failed.length
  const alone =
    lead && failed.length > 1 && sharing === 1
      ? [
          offer(
            { operation: 'rerun-job', jobId: lead.id, jobName: lead.name, debug: false },
            `Re-run only ${lead.name}`,
            why,
          ),
        ]
      : []
  return [
    offer(
      { operation: 'rerun-failed', debug: false },
      failed.length > 1 ? `Re-run ${failed.length} failed jobs` : 'Re-run failed job',
      why,
    ),
    ...alone,
    offer({ operation: 'rerun-failed', debug: true }, 'Re-run with debug logging', why),
  ]
}

/** GitHub starts workflows on branches of the repository itself only. */
function rebuildsFor({ branch }: OfferFacts, cause: Cause): Offer[] {
  const why = helping(cause, 'rebuild')
  if (why === null || branch === null || branch.includes(':')) return []
  return [offer({ operation: 'rebuild' }, 'Rebuild without cache', why)]
}

function prunesFor(facts: OfferFacts, cause: Cause): Offer[] {
  const why = helping(cause, 'prune')
  if (why === null) return []
  if (onBuilder.has(cause.family))
    return facts.builders.map(({ name }) =>
      offer({ operation: 'prune-builder', builder: name }, `Prune cache of builder ${name}`, why),
    )
  if (cause.id === 'gha-cache-evicted')
    return [
      offer(
        { operation: 'prune-caches', ref: null, closedPulls: true, kind: 'buildkit' },
        'Prune caches of closed pull requests',
        why,
      ),
    ]
  if (!inSharedCache.has(cause.family)) return []
  const builds = facts.diagnosis.jobs.flatMap(({ explanation }) => explanation?.builds ?? [])
  const gha = cause.id.startsWith('gha-') || builds.some(usesGha)
  return [...tagOffers(builds, why), ...(gha ? indexOffers(facts, why) : [])]
}

/** The disk or the state of a builder that stays. A hosted runner is thrown away, so there is nothing to prune on it. */
const onBuilder: ReadonlySet<Family> = new Set(['disk', 'builder'])

/** A cache that builds share holds something wrong. What a `local` cache writes is a folder, out of our reach. */
const inSharedCache: ReadonlySet<Family> = new Set(['cache-backend', 'cache-miss', 'registry'])

/** Without its index nothing of a branch's cache is read; the next build writes a new one. */
function indexOffers({ branch }: OfferFacts, why: string): Offer[] {
  if (branch === null || branch.includes(':')) return []
  const wanted = { operation: 'prune-caches', ref: `refs/heads/${branch}`, closedPulls: false, kind: 'index' } as const
  return [offer(wanted, `Prune cache index of ${branch}`, why)]
}

function usesGha({ imports, exports }: BuildSummary): boolean {
  return [...imports, ...exports].some(({ type }) => type === 'gha')
}

function tagOffers(builds: BuildSummary[], why: string): Offer[] {
  const refs = builds.flatMap(({ imports }) => imports.filter(({ type }) => type === 'registry').map(({ ref }) => ref))
  return [...new Set(refs)].flatMap((ref) => {
    const found = /^(ghcr\.io\/[^:@\s]+):([\w.-]+)$/.exec(ref)
    const [, image, tag] = found ?? []
    if (image === undefined || tag === undefined) return []
    return [offer({ operation: 'prune-tags', image, tags: [tag] }, `Prune cache tag ${tag}`, why)]
  })
}
