import type { Base, Dockerfile, Instruction, Problem, Source, Stage, Variable } from './dockerfile.ts'
import { expandKnown } from './expand.ts'
import { type LogicalLine, readLines } from './lines.ts'
import { numberInstructions } from './ordinals.ts'
import { readInstruction } from './read-instruction.ts'
import { blankSeparated, splitCommand } from './words.ts'

/**
 * Reads what BuildKit would read (`frontend/dockerfile/parser`, `instructions/parse.go`). `contexts` are the named
 * contexts that the build is given; without them every `--from` that names no stage is taken for an image.
 */
export function readDockerfile(text: string, file: string, contexts: ReadonlySet<string> = new Set()): Dockerfile {
  const { lines, faults, ...directives } = readLines(text)
  const problems: Problem[] = faults.map((fault) => ({ file, ...fault }))
  const dockerfile: Dockerfile = { file, text, ...directives, globalArgs: [], stages: [], problems }
  for (const line of lines) addLine({ dockerfile, contexts }, line)
  if (dockerfile.stages.length === 0) problems.push({ file, line: 1, message: 'no FROM: there is no build stage' })
  for (const stage of dockerfile.stages) numberInstructions(stage, dockerfile)
  problems.sort((a, b) => a.line - b.line)
  return dockerfile
}

type Draft = { dockerfile: Dockerfile; contexts: ReadonlySet<string> }

function addLine(draft: Draft, line: LogicalLine) {
  const { dockerfile } = draft
  const { keyword } = splitCommand(line.text, dockerfile.escape)
  if (keyword === 'FROM') dockerfile.stages.push(stageOf(draft, line))
  const stage = dockerfile.stages.at(-1)
  const instruction = read(draft, line, stage?.index ?? 0)
  if (stage) {
    stage.instructions.push(instruction)
    stage.endLine = line.endLine
  } else if (keyword === 'ARG') dockerfile.globalArgs.push(...instruction.variables)
  else complain(dockerfile, line.line, `no build stage in current context: ${keyword} before the first FROM`)
}

function read(draft: Draft, line: LogicalLine, stage: number): Instruction {
  const { dockerfile } = draft
  const problem = (at: number, message: string) => complain(dockerfile, at, message)
  const sourceOf = (from: string) => readSource(draft, from, stage, line.line)
  return readInstruction(line, { stage, escapeWith: dockerfile.escape, sourceOf, problem })
}

function stageOf({ dockerfile }: Draft, line: LogicalLine): Stage {
  const { flags, rest } = splitCommand(line.text, dockerfile.escape)
  const [image = '', as, written] = blankSeparated(rest)
  const named = as?.toUpperCase() === 'AS' && written !== undefined
  const name = named ? written.toLowerCase() : null
  if (image !== '' && blankSeparated(rest).length !== (named ? 3 : 1))
    complain(dockerfile, line.line, 'FROM requires either one or three arguments')
  if (name !== null && !/^[a-z][a-z0-9-_.]*$/.test(name))
    complain(dockerfile, line.line, `invalid name for build stage: "${written}"`)
  const platform = flags.find((flag) => flag.startsWith('--platform='))?.slice('--platform='.length) ?? null
  const base = baseOf(dockerfile, image, platform)
  return { index: dockerfile.stages.length, name, base, line: line.line, endLine: line.endLine, instructions: [] }
}

/** A number after FROM is no stage (BuildKit looks bases up by name alone, `addState` in `dockerfile2llb/convert.go`). */
function baseOf(dockerfile: Dockerfile, text: string, platform: string | null): Base {
  const image = filled(text, dockerfile.globalArgs, dockerfile.escape)
  const stage = dockerfile.stages.findLast(({ name }) => name !== null && name === image?.toLowerCase())
  return { text, image, stage: stage?.index ?? null, platform }
}

/** With the defaults of the global ARGs, each of which may use those before it; null when something has no value. */
function filled(text: string, args: Variable[], escapeWith: string): string | null {
  const values = new Map<string, string | null>()
  const lookUp = (name: string) => values.get(name) ?? null
  for (const { name, value } of args) values.set(name, value === null ? null : expandKnown(value, lookUp, escapeWith))
  return expandKnown(text, lookUp, escapeWith) || null
}

/** By name, then by number (`toCommand` in `dockerfile2llb/convert.go`); only stages above can be copied from. */
function readSource({ dockerfile, contexts }: Draft, from: string, own: number, line: number): Source {
  const above = dockerfile.stages.slice(0, own)
  const named = above.findLast(({ name }) => name !== null && name === from.toLowerCase())
  if (named) return { kind: 'stage', stage: named.index }
  if (contexts.has(from)) return { kind: 'context', name: from }
  if (!/^\d+$/.test(from)) return { kind: 'image', image: from }
  const stage = Number(from)
  if (stage < own) return { kind: 'stage', stage }
  complain(dockerfile, line, `invalid stage index ${from}: only stages above can be copied from`)
  return { kind: 'image', image: from }
}

function complain({ file, problems }: Dockerfile, line: number, message: string) {
  problems.push({ file, line, message })
}
