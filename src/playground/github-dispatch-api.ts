import { parse } from 'yaml'
import { z } from 'zod'
import { type ApiAnswer, ok, type Route, refusal, type Scene } from './github-answers.ts'
import { findCommit, type LocalRepository } from './github-code.ts'
import { botLogin } from './github-deeds.ts'
import { type LocalRun, numberFrom } from './github-world.ts'

export const dispatchRoutes: Route[] = [
  {
    method: 'POST',
    path: /^\/repos\/([^/]+\/[^/]+)\/actions\/workflows\/([^/]+)\/dispatches$/,
    answer: ([name = '', workflow = ''], { sent }, scene) => dispatch(name, workflow, sent, scene),
  },
]

/** `workflow`: its file's name, or GitHub's number of it. */
export function isOfWorkflow(run: LocalRun, workflow: string): boolean {
  return run.path.split('/').at(-1) === workflow || String(numberFrom(`${run.repository} ${run.workflow}`)) === workflow
}

const sentSchema = z.strictObject({
  ref: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  return_run_details: z.boolean().default(false),
})

/** Queues a run; a test plays it with `finishRun`. */
function dispatch(repository: string, workflow: string, sent: unknown, scene: Scene): ApiAnswer {
  const { code, deeds, world, now, at } = scene
  const read = sentSchema.safeParse(sent)
  if (!read.success) return refusal(422, 'Invalid request.')
  const { ref, inputs, return_run_details } = read.data
  if (deeds.oldServer === 'refuses' && return_run_details)
    return refusal(422, 'Invalid request.\n\n"return_run_details" is not a permitted key.')
  const known = world.runs().find((run) => run.repository === repository && isOfWorkflow(run, workflow))
  const path = known?.path ?? `.github/workflows/${workflow}`
  const branch = ref.replace(/^refs\/(?:heads|tags)\//, '')
  const file = readFile(code.of(repository), path, branch)
  if (file.kind === 'refused') return file.answer
  const wrong = wrongInputs(file.inputs, inputs)
  if (wrong !== null) return refusal(422, wrong)
  const name = file.name ?? known?.workflow ?? path
  const sha = file.sha === null ? {} : { sha: file.sha }
  const script = { repository, workflow: name, path, branch, event: 'workflow_dispatch', actor: botLogin, ...sha }
  const { run, attempt } = world.queue(script, now())
  deeds.dispatches.push({ repository, workflow: path, ref, inputs, runId: run.id })
  scene.tellQueued(run, attempt)
  if (deeds.oldServer !== false || !return_run_details) return { status: 204, headers: {}, body: null }
  return ok({
    workflow_run_id: run.id,
    run_url: `${at.api}/repos/${repository}/actions/runs/${run.id}`,
    html_url: `${at.pages}/${repository}/actions/runs/${run.id}`,
  })
}

type Inputs = Record<string, z.infer<typeof inputSchema> | null>
type ReadFile =
  | { kind: 'read'; name: string | null; sha: string | null; inputs: Inputs | null }
  | { kind: 'refused'; answer: ApiAnswer }

/** A repository without commits has every workflow, with any input. */
function readFile(repository: LocalRepository, path: string, branch: string): ReadFile {
  if (repository.commits.size === 0) return { kind: 'read', name: null, sha: null, inputs: null }
  const refused = (status: number, message: string): ReadFile => ({
    kind: 'refused',
    answer: refusal(status, message),
  })
  if (!findCommit(repository, 'main')?.files.has(path)) return refused(404, 'Not Found')
  const commit = findCommit(repository, branch)
  if (commit === null) return refused(422, `No ref found for: ${branch}`)
  const read = workflowSchema.safeParse(parsed(commit.files.get(path)?.content.toString() ?? ''))
  if (!read.success) return refused(422, `Workflow does not have 'workflow_dispatch' trigger`)
  const { name = null, on } = read.data
  return { kind: 'read', name, sha: commit.sha, inputs: on }
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return null
  }
}

const inputSchema = z.object({
  required: z.boolean().optional(),
  type: z.string().optional(),
  default: z.unknown().optional(),
})

/** The inputs of a workflow that listens to `workflow_dispatch`, in each of the ways in which YAML can say so. */
const inputsSchema = z
  .union([
    z.literal('workflow_dispatch'),
    z.array(z.string()).refine((events) => events.includes('workflow_dispatch')),
    z.object({
      workflow_dispatch: z.object({ inputs: z.record(z.string(), inputSchema.nullable()).nullish() }).nullable(),
    }),
  ])
  .transform((on): Inputs => {
    if (typeof on === 'string' || Array.isArray(on)) return {}
    return on.workflow_dispatch?.inputs ?? {}
  })
const workflowSchema = z.object({ name: z.string().optional(), on: inputsSchema })

function wrongInputs(declared: Inputs | null, given: Record<string, unknown>): string | null {
  if (declared === null) return null
  const unexpected = Object.keys(given).filter((name) => !(name in declared))
  if (unexpected.length > 0) return `Unexpected inputs provided: ${JSON.stringify(unexpected)}`
  const missing = Object.entries(declared).find(
    ([name, input]) => input?.required === true && input.default === undefined && !(name in given),
  )
  if (missing) return `Required input '${missing[0]}' not provided`
  const odd = Object.entries(given).find(
    ([name, value]) => declared[name]?.type === 'boolean' && !['true', 'false'].includes(String(value)),
  )
  return odd ? `Provided value '${odd[1]}' for input '${odd[0]}' not in the list of allowed values` : null
}
