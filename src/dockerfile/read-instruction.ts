import type { Instruction, Mount, Source, Variable } from './dockerfile.ts'
import { heredocStart, heredocSummary } from './heredocs.ts'
import type { LogicalLine } from './lines.ts'
import { readCopy } from './read-copy.ts'
import { readMount } from './read-mounts.ts'
import { readArg, readEnv } from './read-variables.ts'
import { blankSeparated, jsonWords, splitCommand } from './words.ts'

/** One instruction by itself; its place among the others (`ordinal`) is given later. */
export function readInstruction(
  line: LogicalLine,
  { stage, escapeWith, sourceOf, problem }: InstructionScene,
): Instruction {
  const outer = splitCommand(line.text, escapeWith)
  const onbuild = outer.keyword === 'ONBUILD'
  const { keyword, flags, rest } = onbuild ? splitCommand(outer.rest, escapeWith) : outer
  const bare = onbuild ? outer.rest : line.text
  const named = flags.map(readFlag)
  const json = takesJson.has(keyword) ? jsonWords(rest) : null
  const copy = keyword === 'COPY' || keyword === 'ADD' ? readCopy({ rest, json, flags: named, sourceOf }) : null
  const complaint = complaintOf({ keyword, rest, onbuild, copied: copy !== null })
  if (complaint) problem(line.line, complaint)
  return {
    keyword,
    stage,
    line: line.line,
    endLine: line.endLine,
    text: shown(bare, keyword, rest, line.heredocs),
    rest,
    json,
    onbuild,
    ordinal: null,
    flags: named,
    copy,
    mounts: keyword === 'RUN' ? mountsOf(named, line.line, sourceOf, problem) : [],
    variables: variablesOf(keyword, rest, line.line, escapeWith),
    heredocs: line.heredocs,
  }
}

export type InstructionScene = {
  stage: number
  escapeWith: string
  sourceOf: (from: string) => Source
  problem: (line: number, message: string) => void
}

const takesJson = new Set(['RUN', 'COPY', 'ADD', 'CMD', 'ENTRYPOINT', 'SHELL', 'VOLUME'])

const known = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
)

function readFlag(word: string): { name: string; value: string | true } {
  const [, name = '', value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? []
  return { name, value: value ?? true }
}

/** The keyword in capitals, and what a lone heredoc begins with, as in the names of vertices. */
function shown(bare: string, keyword: string, rest: string, heredocs: string[]): string {
  const text = `${keyword}${bare.slice(keyword.length)}`
  const [body] = heredocs
  const lone = keyword === 'RUN' && heredocs.length === 1 && heredocStart(rest) !== null
  return lone && body !== undefined ? `${text} (${heredocSummary(body)})` : text
}

type Written = { keyword: string; rest: string; onbuild: boolean; copied: boolean }

function complaintOf({ keyword, rest, onbuild, copied }: Written): string | null {
  if (keyword === '') return 'ONBUILD requires at least one argument'
  if (!known.has(keyword)) return `unknown instruction: ${keyword}`
  if (onbuild && (keyword === 'FROM' || keyword === 'MAINTAINER' || keyword === 'ONBUILD'))
    return `${keyword} isn't allowed as an ONBUILD trigger`
  if ((keyword === 'COPY' || keyword === 'ADD') && !copied)
    return `${keyword} requires at least two arguments, but only ${blankSeparated(rest).length} ${blankSeparated(rest).length === 1 ? 'was' : 'were'} provided`
  if (rest === '' && keyword !== 'CMD' && keyword !== 'ENTRYPOINT') return `${keyword} requires at least one argument`
  if (keyword === 'ENV' && readEnv(rest, 0, '\\').length === 0) return 'ENV must have two arguments'
  return null
}

function mountsOf(
  flags: Instruction['flags'],
  line: number,
  sourceOf: InstructionScene['sourceOf'],
  problem: InstructionScene['problem'],
): Mount[] {
  return flags.flatMap(({ name, value }) => {
    if (name !== 'mount' || value === true) return []
    const mount = readMount(value, sourceOf)
    if (!mount) problem(line, `unsupported mount type in --mount=${value}`)
    return mount ?? []
  })
}

function variablesOf(keyword: string, rest: string, line: number, escapeWith: string): Variable[] {
  if (keyword === 'ENV') return readEnv(rest, line, escapeWith)
  return keyword === 'ARG' ? readArg(rest, line, escapeWith) : []
}
