import type { Run } from '../../alert/from-run.ts'
import type { Job } from '../../github/runs.ts'
import { readBake } from '../../workflow/bake.ts'
import { namedTargetBuilds } from '../../workflow/bake-builds.ts'
import { buildsOfJob, jobNamed } from '../../workflow/job-leg.ts'
import { readWorkflow } from '../../workflow/read-workflow.ts'
import type { ImageBuild, Workflow } from '../../workflow/workflow.ts'
import type { Attempt } from './attempt.ts'
import type { EvidenceHands } from './hands.ts'

export type JobBuilds = { workflow: Workflow | null; images: JobImage[]; missing: string[] }

/** `target`: its name in a bake file */
export type JobImage = { target: string | null; build: ImageBuild }

/** The image builds that a job runs, by the workflow file at the commit of its run; those of bake by their bake file. */
export async function readJobBuilds(hands: EvidenceHands, attempt: Attempt, run: Run, job: Job): Promise<JobBuilds> {
  const { workflowPath } = run
  if (workflowPath === null)
    return { workflow: null, images: [], missing: ['GitHub does not say which workflow file ran'] }
  const read = () => hands.contents.readText(run.repository, workflowPath, run.sha)
  const file = await attempt('the workflow file', read)
  if (file === null) return { workflow: null, images: [], missing: [] }
  if (file.kind === 'missing') return { workflow: null, images: [], missing: [file.because] }
  const workflow = readWorkflow(file.text, workflowPath)
  const leg = jobNamed(workflow, job.name)
  const problems = workflow.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`)
  const builds = leg ? buildsOfJob(workflow, leg) : []
  const images = await Promise.all(builds.map((build) => imagesOf(hands, attempt, run, build)))
  return { workflow, images: images.flat(), missing: problems }
}

/** In the order in which buildx looks for them (`bake/bake.go`), when the call names none. */
const bakeFiles = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
  'docker-bake.json',
  'docker-bake.hcl',
]

async function imagesOf(hands: EvidenceHands, attempt: Attempt, run: Run, build: ImageBuild): Promise<JobImage[]> {
  if (build.bake === null) return [{ target: null, build }]
  const named = build.bake.files.filter((path) => !path.includes('${{'))
  const found: JobImage[] = []
  for (const path of named.length > 0 ? named : bakeFiles) {
    const file = await attempt(path, () => hands.contents.readText(run.repository, path, run.sha))
    if (file?.kind === 'file') found.push(...namedTargetBuilds(build, readBake(file.text, path)))
  }
  return found
}
