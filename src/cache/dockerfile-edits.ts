import { diffArrays } from 'diff'
import type { Dockerfile, Instruction, Stage } from '../dockerfile/dockerfile.ts'
import { type Found, found } from './found.ts'

/**
 * What an edit of the Dockerfile has to do with an instruction: its own words, an instruction before it that made a
 * layer, or what it inherits from ENV, ARG, USER, SHELL. Null when nothing that it depends on was edited.
 */
export function editBefore(now: Dockerfile, before: Dockerfile, instruction: Instruction): Found | null {
  const stage = now.stages[instruction.stage]
  const earlier = stage && sameStage(before, stage)
  if (!stage) return null
  if (!earlier) return found('instruction-changed', 'high', `${lineOf(now, stage)}: this stage is new`)
  const after = [...chain(now, stage).filter((one) => precedes(one, instruction)), instruction]
  const edits = editsBetween(chain(before, earlier), after).filter((edit) => matters(edit, instruction))
  return edits[0] ? tellEdit(now, edits[0], instruction) : null
}

/** Instructions that the earlier version had in place of those of the later one. */
type Edit = { removed: Instruction[]; added: Instruction[] }

/** By name; a stage without one by its place. */
function sameStage(dockerfile: Dockerfile, { name, index }: Stage): Stage | undefined {
  if (name === null) return dockerfile.stages[index]?.name === null ? dockerfile.stages[index] : undefined
  return dockerfile.stages.find((stage) => stage.name === name)
}

/** A stage with the stages it is built on, from the outermost FROM; what only sets the image's configuration is left out. */
function chain(dockerfile: Dockerfile, stage: Stage, depth = 0): Instruction[] {
  const base =
    stage.base.stage === null || depth > dockerfile.stages.length ? undefined : dockerfile.stages[stage.base.stage]
  const own = stage.instructions.filter(({ keyword, onbuild }) => !onbuild && !configOnly.has(keyword))
  if (!base) return own
  return [...chain(dockerfile, base, depth + 1), ...own.filter(({ keyword }) => keyword !== 'FROM')]
}

/** They make no layer and are in no key (BuildKit `dockerfile2llb/convert.go`, `dispatchLabel` and its kin). */
const configOnly = new Set('LABEL CMD ENTRYPOINT EXPOSE STOPSIGNAL HEALTHCHECK VOLUME MAINTAINER'.split(' '))

function precedes(one: Instruction, instruction: Instruction): boolean {
  return one.stage !== instruction.stage || one.line < instruction.line
}

function editsBetween(before: Instruction[], after: Instruction[]): Edit[] {
  const edits: Edit[] = []
  let open: Edit | null = null
  let left = after.length
  for (const part of diffArrays(before, after, { comparator: (a, b) => wordsOf(a) === wordsOf(b) })) {
    if (!part.added && !part.removed) {
      open = null
      left -= part.value.length
      continue
    }
    // the earlier version goes on behind what is compared
    if (part.removed && left === 0) continue
    if (!open) {
      open = { removed: [], added: [] }
      edits.push(open)
    }
    if (part.added) {
      open.added.push(...part.value)
      left -= part.value.length
    } else open.removed.push(...part.value)
  }
  return edits
}

function wordsOf({ keyword, text, heredocs }: Instruction): string {
  return JSON.stringify([
    keyword,
    keyword === 'FROM' ? text.trimEnd().replace(/(?<!\s)\s+AS\s+\S+$/i, '') : text,
    heredocs,
  ])
}

function matters({ removed, added }: Edit, instruction: Instruction): boolean {
  return [...removed, ...added].some((one) => one === instruction || affects(one, instruction))
}

/** RUN has the whole environment in its key; COPY and its like only what they spell out. */
function affects(edited: Instruction, { keyword, text }: Instruction): boolean {
  switch (edited.keyword) {
    case 'ENV':
    case 'ARG':
      return (
        keyword === 'RUN' || edited.variables.some(({ name }) => new RegExp(`\\$\\{?${escaped(name)}\\b`).test(text))
      )
    case 'USER':
      // the folder is made for that user (BuildKit `dispatchWorkdir`)
      return keyword === 'RUN' || keyword === 'WORKDIR'
    case 'SHELL':
      return keyword === 'RUN'
    default:
      return true
  }
}

function tellEdit(now: Dockerfile, edit: Edit, instruction: Instruction): Found {
  const cause = [...edit.added, ...edit.removed].find((one) => one === instruction || affects(one, instruction))
  const added = edit.added.find((one) => one === cause)
  const where = `${now.file}:${added?.line ?? instruction.line}`
  const variables =
    cause && (cause.keyword === 'ENV' || cause.keyword === 'ARG') ? changedVariables(edit, cause.keyword) : []
  if (cause && variables.length > 0) {
    const reason = cause.keyword === 'ENV' ? 'env-changed' : 'build-arg-changed'
    const what = cause.keyword === 'ENV' ? `ENV ${variables.join(', ')}` : `the default of ARG ${variables.join(', ')}`
    return found(reason, 'high', `${where}: ${what} was edited`)
  }
  if (!added) {
    const gone = edit.removed.map(({ keyword }) => keyword).join(', ')
    return found('instruction-changed', 'high', `${where}: ${gone} before this line was removed`)
  }
  if (added.keyword === 'FROM')
    return found('base-image-moved', 'high', `${where}: FROM was edited, and names another image or platform`)
  const same = edit.removed.some(({ keyword }) => keyword === added.keyword)
  return found('instruction-changed', 'high', `${where}: ${added.keyword} was ${same ? 'edited' : 'added'}`)
}

function changedVariables({ removed, added }: Edit, keyword: string): string[] {
  const values = (side: Instruction[]) =>
    new Map(
      side
        .filter((one) => one.keyword === keyword)
        .flatMap((one) => one.variables.map(({ name, value }) => [name, value])),
    )
  const [before, after] = [values(removed), values(added)]
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name))
}

function lineOf(dockerfile: Dockerfile, { line }: Stage): string {
  return `${dockerfile.file}:${line}`
}

function escaped(name: string): string {
  return name.replace(/[^\w]/g, '\\$&')
}
