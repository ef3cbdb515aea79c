import type { Run } from '../../alert/from-run.ts'
import type { Job } from '../../github/runs.ts'
import { readBake } from '../../workflow/bake.ts'
import { targetBuilds } from '../../workflow/bake-builds.ts'
import { buildsOfJob, jobNamed } from '../../workflow/job-leg.ts'
import { readWorkflow } from '../../workflow/read-workflow.ts'
import type { ImageBuild, Workflow } from '../../workflow/workflow.ts'
import type { EvidenceHands } from './hands.ts'

export type JobBuilds = { workflow: Workflow | null; images: ImageBuild[]; missing: string[] }

/** The image builds that a job runs, by the workflow file at the commit of its run; those of bake by their bake file. */
export async function readJobBuilds(hands: EvidenceHands, run: Run, job: Job): Promise<JobBuilds> {
  if (run.workflowPath === null)
    return { workflow: null, images: [], missing: ['GitHub does not say which workflow file ran'] }
  const file = await hands.contents.readText(run.repository, run.workflowPath, run.sha)
  if (file.kind === 'missing') return { workflow: null, images: [], missing: [file.because] }
  const workflow = readWorkflow(file.text, run.workflowPath)
  const leg = jobNamed(workflow, job.name)
  const problems = workflow.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`)
  const builds = leg ? buildsOfJob(workflow, leg) : []
  const images = await Promise.all(builds.map((build) => imagesOf(hands, run, build)))
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

async function imagesOf(hands: EvidenceHands, run: Run, build: ImageBuild): Promise<ImageBuild[]> {
  if (build.bake === null) return [build]
  const named = build.bake.files.filter((path) => !path.includes('${{'))
  const found: ImageBuild[] = []
  for (const path of named.length > 0 ? named : bakeFiles) {
    const file = await hands.contents.readText(run.repository, path, run.sha)
    if (file.kind === 'file') found.push(...targetBuilds(build, readBake(file.text, path)))
  }
  return found
}
