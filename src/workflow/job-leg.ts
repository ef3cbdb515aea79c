import { expand } from './expand.ts'
import type { ImageBuild, Job, Leg, Workflow } from './workflow.ts'

/** The job of a workflow that GitHub lists under a name, and the leg of its matrix. */
export type JobLeg = { job: Job; leg: Leg }

/**
 * GitHub names a job by its `name` or id, with the values of its leg in brackets unless the name spells them
 * (`build (web, linux/amd64)`); a job of a reusable workflow has its caller in front (`call / build`).
 */
export function jobNamed(workflow: Workflow, shown: string): JobLeg | null {
  const name = shown.split(' / ').at(-1) ?? shown
  for (const job of workflow.jobs)
    for (const leg of job.matrix?.legs.length ? job.matrix.legs : [{}])
      if (namesOf(job, leg).includes(name)) return { job, leg }
  const loose = workflow.jobs.find((job) => name === job.id || name.startsWith(`${job.name ?? job.id} (`))
  return loose ? { job: loose, leg: {} } : null
}

function namesOf(job: Job, leg: Leg): string[] {
  const values = Object.values(leg).flatMap((value) => (typeof value === 'object' ? [] : String(value)))
  const written = job.name ?? job.id
  const filled = filledIn(written, leg)
  return values.length > 0 && filled === written ? [`${written} (${values.join(', ')})`] : [filled]
}

function filledIn(name: string, leg: Leg): string {
  return name.replace(/\$\{\{\s*matrix\.([\w.-]+)\s*\}\}/g, (whole, key: string) => {
    const value = leg[key]
    return value === undefined || typeof value === 'object' ? whole : String(value)
  })
}

/** The image builds of a job as this leg of it runs them. */
export function buildsOfJob({ builds }: Workflow, { job, leg }: JobLeg): ImageBuild[] {
  return builds.filter((build) => build.job === job.id).map((build) => expand(build, leg))
}
