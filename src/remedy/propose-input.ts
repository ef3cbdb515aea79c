import { readBuilderCall } from '../workflow/builder-call.ts'
import { readCommands } from '../workflow/shell.ts'
import { addInputs, insertAfter, replaceInLine } from '../workflow/trouble/edits.ts'
import type { Edit } from '../workflow/trouble/trouble.ts'
import type { ImageBuild, Workflow } from '../workflow/workflow.ts'
import { entryNamed, readYamlSource, textsOf, type YamlEntry } from '../workflow/yaml-source.ts'

/** Lines that give a workflow an input by which its cache is turned off. `left`: builds that a person has to see to. */
export type Proposal = { edits: Edit[]; left: ImageBuild[] }

/** Null where the file is written in a way that only a person should change. */
export function proposeInput(workflow: Workflow, input: string): Proposal | null {
  const { text, file, builds } = workflow
  const lines = text.split(/\r?\n/)
  const isThere = workflow.triggers.dispatch?.some(({ name }) => name === input)
  const trigger = isThere ? [] : triggerEdits(text, file, input)
  const open = builds.filter(({ source, noCache }) => source === file && noCache === 'no')
  const followed = open.map((build) => ({ build, edit: followEdit(workflow, build, lines, input) }))
  const edits = followed.flatMap(({ edit }) => edit ?? [])
  if (trigger === null || edits.length === 0) return null
  const left = followed.flatMap(({ build, edit }) => (edit === null ? [build] : []))
  return { edits: [...trigger, ...onePerLine(edits)], left }
}

/** A matrix or an alias can make two builds of one step. */
function onePerLine(edits: Edit[]): Edit[] {
  return [...new Map(edits.map((edit) => [edit.startLine, edit])).values()]
}

function followEdit(workflow: Workflow, build: ImageBuild, lines: string[], input: string): Edit | null {
  if (build.place === null) return scriptEdit(workflow, build, lines, input)
  const value = `\${{ inputs.${input} || false }}`
  if (!build.place.flow) return addInputs(build, lines, { 'no-cache': [value] })
  return replaceInLine(lines, build.place.line, 'with: {', `with: { no-cache: "${value}",`)
}

/** The option is one of two texts of ours, so nothing of the input gets into the script. */
function scriptEdit(workflow: Workflow, build: ImageBuild, lines: string[], input: string): Edit | null {
  const script = workflow.jobs.find(({ id }) => id === build.job)?.steps[build.step.index]?.script ?? ''
  const calls = readCommands(script).flatMap((command) => readBuilderCall(command) ?? [])
  if (build.opaque || calls.length !== 1 || !/build$|bake$/.test(build.how.name)) return null
  const option = `\${{ inputs.${input} && '--no-cache' || '' }}`
  return replaceInLine(lines, build.line, `${build.how.name} `, `${build.how.name} ${option} `)
}

/** The input under `on`, in the manner that `on` is written in. Null: over lines that we would have to rewrap. */
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
  const dispatch = entryNamed(value, 'workflow_dispatch')
  if (value.flow)
    return dispatch === null ? inBraces(lines, on, `workflow_dispatch: { inputs: { ${inBrace(input)} } }`) : null
  const indent = value.entries[0]?.column ?? 2
  if (!dispatch) return [insertAfter(lines, on.line, dispatchLines(indent, input))]
  return inputEdits(lines, dispatch, input)
}

function inputEdits(lines: string[], dispatch: YamlEntry, input: string): Edit[] | null {
  const { value } = dispatch
  const bare = value === null || (value.kind === 'scalar' && value.value === null)
  if (bare || (value.kind === 'map' && value.entries.length === 0))
    return [{ startLine: dispatch.line, endLine: dispatch.line, replacement: dispatchLines(dispatch.column, input) }]
  if (value.kind !== 'map') return null
  const inputs = entryNamed(value, 'inputs')
  if (value.flow) return inputs === null ? null : inBraces(lines, inputs, inBrace(input))
  if (!inputs)
    return [insertAfter(lines, dispatch.line, dispatchLines(dispatch.column, input, stepOf(dispatch)).slice(1))]
  if (inputs.value?.kind !== 'map') return null
  if (inputs.value.flow) return inBraces(lines, inputs, inBrace(input))
  const indent = inputs.value.entries[0]?.column ?? inputs.column + 2
  return [insertAfter(lines, inputs.line, inputLinesOf(indent, input))]
}

/** How much deeper than their parent the keys stand there. */
function stepOf({ column, value }: YamlEntry): number {
  const inner = value?.kind === 'map' ? value.entries[0]?.column : undefined
  return inner === undefined ? 2 : inner - column
}

/** `key: {` gets one entry more, in front. */
function inBraces(lines: string[], { key, line, value }: YamlEntry, entry: string): Edit[] | null {
  if (value?.kind !== 'map' || value.entries.length === 0) return null
  const edit = replaceInLine(lines, line, `${key}: {`, `${key}: { ${entry},`)
  return edit === null ? null : [edit]
}

function inBrace(input: string): string {
  return `${input}: { description: Build without the layer cache, type: boolean, default: false }`
}

function lastItemLine(list: { items: ({ endLine: number } | null)[]; line: number }): number {
  return Math.max(list.line, ...list.items.map((item) => item?.endLine ?? 0))
}

function dispatchLines(indent: number, input: string, step = 2): string[] {
  const space = ' '.repeat(indent)
  return [`${space}workflow_dispatch:`, `${space}${' '.repeat(step)}inputs:`, ...inputLinesOf(indent + step + 2, input)]
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
