import { applyEdits, diffOf } from '../lint/finding.ts'
import { readWorkflow } from '../workflow/read-workflow.ts'
import type { DispatchInput, ImageBuild, Workflow } from '../workflow/workflow.ts'
import { followsInput } from './follows-input.ts'
import { proposeInput } from './propose-input.ts'

/** The boolean input of a workflow that turns the cache off; or why there is none, and the lines that would add one. */
export type RebuildInput =
  | { kind: 'found'; input: string; why: string }
  | { kind: 'none'; because: string; add: { file: string; diff: string } | null }

export type RebuildSource = {
  text: string
  /** `.github/workflows/ci.yml` */
  file: string
  /** name from the configuration; null: to be found */
  configured: string | null
}

/**
 * Looks for an input of `workflow_dispatch` that the builds' `no-cache` follows. A name alone does not count: an input that
 * nothing reads would start a build with the cache and call it one without.
 */
export function rebuildInput({ text, file, configured }: RebuildSource): RebuildInput {
  const workflow = readWorkflow(text, file)
  const [problem] = workflow.problems
  if (workflow.jobs.length === 0)
    return none(
      problem
        ? `${file} cannot be read as a workflow: line ${problem.line}: ${problem.message}`
        : `${file} has no jobs that I can read.`,
    )
  const inputs = (workflow.triggers.dispatch ?? []).filter(({ type }) => type === 'boolean')
  if (configured !== null) return ofConfigured(configured, inputs, file)
  const wired = inputs.filter(({ name }) => followsInput(workflow, name))
  const [found] = wired.toSorted((one, other) => Number(speaksOfCache(other)) - Number(speaksOfCache(one)))
  if (found) return { kind: 'found', input: found.name, why: `the builds follow its input ${found.name}` }
  const named = inputs.find(asksForNone)
  const because = named
    ? `${file} has an input ${named.name}, but no build follows it: it would build with the cache.`
    : workflow.triggers.dispatch === null
      ? `${file} cannot be started by hand: it has no workflow_dispatch with an input that turns the cache off.`
      : `${file} has no boolean input that turns the cache off.`
  return withProposal(because, workflow, named?.name ?? 'no-cache')
}

function none(because: string, add: { file: string; diff: string } | null = null): RebuildInput {
  return { kind: 'none', because, add }
}

function ofConfigured(input: string, inputs: DispatchInput[], file: string): RebuildInput {
  if (inputs.some(({ name }) => name === input)) return { kind: 'found', input, why: 'the configuration names it' }
  return none(`The configuration names the input ${input} for ${file}, which has no boolean input of that name there.`)
}

function speaksOfCache({ name }: DispatchInput): boolean {
  return /cache/i.test(name)
}

/** `no-cache`, `without_cache`, `nocache` */
function asksForNone({ name }: DispatchInput): boolean {
  return /(?:no|without|skip|disable)[-_]?cache/i.test(name)
}

/** The edit is shown only when it would do: with it the file is read once more, and must have an input that is followed. */
function withProposal(because: string, workflow: Workflow, input: string): RebuildInput {
  const { text, file } = workflow
  const proposal = proposeInput(workflow, input)
  if (proposal === null || !doesIt(applyEdits(text, proposal.edits), file, input)) return none(because)
  const diff = diffOf(file, text, proposal.edits)
  return none([because, ...proposal.left.map(byHand)].join(' '), { file, diff })
}

function doesIt(text: string, file: string, input: string): boolean {
  if (readWorkflow(text, file).problems.length > 0) return false
  const read = rebuildInput({ text, file, configured: null })
  return read.kind === 'found' && read.input === input
}

function byHand({ how, line }: ImageBuild): string {
  return `The ${how.name} in line ${line} needs its --no-cache by hand.`
}
