import { applyEdits, diffOf } from '../lint/finding.ts'
import { readWorkflow } from '../workflow/read-workflow.ts'
import { addInputs, insertAfter } from '../workflow/trouble/edits.ts'
import type { Edit } from '../workflow/trouble/trouble.ts'
import type { DispatchInput, Workflow } from '../workflow/workflow.ts'
import { child, entryNamed, readYamlSource, textsOf, type YamlEntry } from '../workflow/yaml-source.ts'

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
  const lines = text.split(/\r?\n/)
  const wired = inputs.filter(({ name }) => isWired(name, lines))
  if (configured !== null) return ofConfigured(configured, inputs, file)
  const [found] = wired.toSorted((one, other) => Number(speaksOfCache(other)) - Number(speaksOfCache(one)))
  if (found) return { kind: 'found', input: found.name, why: `the builds follow its input ${found.name}` }
  const named = inputs.find(speaksOfCache)
  const because = named
    ? `${file} has an input ${named.name}, but no build follows it: it would build with the cache.`
    : workflow.triggers.dispatch === null
      ? `${file} cannot be started by hand: it has no workflow_dispatch with an input that turns the cache off.`
      : `${file} has no boolean input that turns the cache off.`
  return none(because, proposal(workflow, named?.name ?? 'no-cache'))
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

/** A line that sets a build's cache by this input: `no-cache: ${{ inputs.X }}`, `--no-cache` behind a condition, NO_CACHE in `env`. */
function isWired(name: string, lines: string[]): boolean {
  return lines.some((line) => {
    const rest = withoutReads(line, name)
    return rest !== line && /no[-_]?cache/i.test(rest)
  })
}

/** The line without the places where it reads this input. */
function withoutReads(line: string, name: string): string {
  const spellings = [`inputs.${name}`, `inputs['${name}']`, `inputs["${name}"]`]
  return spellings.reduce((rest, spelling) => {
    const [first = '', ...parts] = rest.split(spelling)
    return first + parts.map((part) => (/^[\w-]/.test(part) ? spelling + part : part)).join('')
  }, line)
}

/** Null where the file is written in a way that only a person should change. */
function proposal(workflow: Workflow, input: string): { file: string; diff: string } | null {
  const { text, file, builds } = workflow
  const lines = text.split(/\r?\n/)
  const trigger = workflow.triggers.dispatch?.some(({ name }) => name === input) ? [] : triggerEdits(text, file, input)
  const own = builds.filter(
    ({ source, place, noCacheLine }) => source === file && place !== null && noCacheLine === null,
  )
  const followed = own.flatMap(
    (build) => addInputs(build, lines, { 'no-cache': [`\${{ inputs.${input} || false }}`] }) ?? [],
  )
  if (trigger === null || followed.length === 0) return null
  const edits = [...trigger, ...onePerLine(followed)]
  if (rebuildInput({ text: applyEdits(text, edits), file, configured: null }).kind !== 'found') return null
  return { file, diff: diffOf(file, text, edits) }
}

/** A matrix or an alias can make two builds of one step. */
function onePerLine(edits: Edit[]): Edit[] {
  return [...new Map(edits.map((edit) => [edit.startLine, edit])).values()]
}

/** The input under `on`, in the manner that `on` is written in. Null: in braces, or over lines that we would have to rewrap. */
function triggerEdits(text: string, file: string, input: string): Edit[] | null {
  const { root } = readYamlSource(text, file)
  const on = entryNamed(root, 'on')
  if (!on?.value) return null
  const lines = text.split(/\r?\n/)
  const { value } = on
  if (value.kind !== 'map') {
    if (value.kind === 'list' && value.flow && value.line !== value.endLine) return null
    const events = textsOf(value).filter((event) => event !== 'workflow_dispatch')
    const endLine = value.kind === 'list' && !value.flow ? lastItemLine(value) : on.line
    const key = /^\s*(['"]?)on\1/.exec(lines[on.line - 1] ?? '')?.[0] ?? 'on'
    const replacement = [`${key}:`, ...events.map((event) => `  ${event}:`), ...dispatchLines(2, input)]
    return [{ startLine: on.line, endLine, replacement }]
  }
  if (value.flow) return null
  const dispatch = entryNamed(value, 'workflow_dispatch')
  const indent = value.entries[0]?.column ?? 2
  if (!dispatch) return [insertAfter(lines, on.line, dispatchLines(indent, input))]
  return inputEdits(lines, dispatch, input)
}

function inputEdits(lines: string[], dispatch: YamlEntry, input: string): Edit[] | null {
  const inputs = entryNamed(dispatch.value, 'inputs')
  const bare = dispatch.value === null || (dispatch.value.kind === 'scalar' && dispatch.value.value === null)
  const empty = dispatch.value?.kind === 'map' && dispatch.value.entries.length === 0
  if (bare || empty)
    return [{ startLine: dispatch.line, endLine: dispatch.line, replacement: dispatchLines(dispatch.column, input) }]
  if (dispatch.value?.kind !== 'map' || dispatch.value.flow) return null
  if (!inputs) return [insertAfter(lines, dispatch.line, dispatchLines(dispatch.column, input).slice(1))]
  if (inputs.value?.kind !== 'map' || inputs.value.flow) return null
  const indent = child(dispatch.value, 'inputs') && (inputs.value.entries[0]?.column ?? inputs.column + 2)
  return [insertAfter(lines, inputs.line, inputLinesOf(indent ?? inputs.column + 2, input))]
}

function lastItemLine(list: { items: ({ endLine: number } | null)[]; line: number }): number {
  return Math.max(list.line, ...list.items.map((item) => item?.endLine ?? 0))
}

function dispatchLines(indent: number, input: string): string[] {
  const space = ' '.repeat(indent)
  return [`${space}workflow_dispatch:`, `${space}  inputs:`, ...inputLinesOf(indent + 4, input)]
}

function inputLinesOf(indent: number, input: string): string[] {
  const space = ' '.repeat(indent)
  return [
    `${space}${input}:`,
    `${space}  description: Build without the layer cache`,
    `${space}  type: boolean`,
    `${space}  default: false`,
  ]
}
