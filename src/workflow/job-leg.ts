import { expand } from './expand.ts'
import type { ImageBuild, Job, Leg, Value, Workflow } from './workflow.ts'

/** The job of a workflow that GitHub lists under a name, and the leg of its matrix; null when that cannot be told. */
export type JobLeg = { job: Job; leg: Leg | null }

/**
 * GitHub names a job by its `name` or id, with the values of its leg in brackets unless the name spells them
 * (`build (web, linux/amd64)`); a job of a reusable workflow has its caller in front (`call / build`).
 */
export function jobNamed(workflow: Workflow, shown: string): JobLeg | null {
  const parts = shown.split(' / ')
  // its own name may hold a slash too
  const names = parts.map((_, at) => parts.slice(at).join(' / '))
  for (const name of names)
    for (const job of workflow.jobs)
      for (const leg of legsOf(job)) if (namesOf(job, leg).some((one) => isShownAs(one, name))) return { job, leg }
  const name = parts.at(-1) ?? shown
  const loose = workflow.jobs.find((job) => name === job.id || name.startsWith(`${job.name ?? job.id} (`))
  return loose ? { job: loose, leg: loose.matrix ? null : {} } : null
}

function legsOf({ matrix }: Job): Leg[] {
  return matrix ? matrix.legs : [{}]
}

function namesOf(job: Job, leg: Leg): string[] {
  const values = Object.values(leg).flatMap(leaves)
  const written = job.name ?? job.id
  const filled = filledIn(written, leg)
  return values.length > 0 && filled === written ? [`${written} (${values.join(', ')})`] : [filled]
}

/** Of a map or a list in a matrix GitHub writes the values, one after the other (`JobNameBuilder` of actions/runner). */
function leaves(value: Value): string[] {
  if (value === null) return []
  return typeof value === 'object' ? Object.values(value).flatMap(leaves) : [String(value)]
}

/** A name of more than a hundred letters ends in dots. */
function isShownAs(name: string, shown: string): boolean {
  return name === shown || (shown.length === 100 && shown.endsWith('...') && name.startsWith(shown.slice(0, -3)))
}

function filledIn(name: string, leg: Leg): string {
  return name.replace(/\$\{\{\s*matrix\.([\w.-]+)\s*\}\}/g, (whole, key: string) => {
    const value = leg[key]
    return value === undefined || typeof value === 'object' ? whole : String(value)
  })
}

/** The image builds of a job as this leg of it runs them; what depends on a leg that is not known stays as written. */
export function buildsOfJob({ builds }: Workflow, { job, leg }: JobLeg): ImageBuild[] {
  return builds.filter((build) => build.job === job.id).map((build) => (leg ? expand(build, leg) : build))
}
