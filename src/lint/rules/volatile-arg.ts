import type { Instruction, Stage, Variable } from '../../dockerfile/dockerfile.ts'
import { chainOf, inOneStage, rawLines } from '../chain.ts'
import type { FileEdit } from '../finding.ts'
import { installOf } from '../install.ts'
import { type Draft, linesOf, type Rule, type Scene } from '../rule.ts'
import { isVolatile } from './volatile-value.ts'

/** A value that differs at every commit, declared above an install: BuildKit puts it into the environment of each RUN below. */
export const volatileArg: Rule = {
  id: 'volatile-arg-before-install',
  level: 'warning',
  summary: 'a build argument that changes at every commit is declared before the dependencies are installed',
  runbook: { file: 'cache-misses.md', anchor: 'a-build-argument-changes-at-every-commit' },
  check(scene) {
    const found = new Map<number, Draft>()
    for (const stage of scene.dockerfile.stages)
      for (const one of inStage(scene, stage)) if (!found.has(one.line)) found.set(one.line, one)
    return [...found.values()]
  },
}

function inStage(scene: Scene, stage: Stage): Draft[] {
  const chain = chainOf(scene.dockerfile, stage)
  return chain.flatMap((declared, at) => {
    if (declared.keyword !== 'ARG') return []
    const names = declared.variables.map(({ name }) => name).filter((name) => isVolatile(scene, declared, name))
    const installs = chain
      .slice(at)
      .filter((one) => installOf(one) !== null && !names.some((name) => mentions(one, name)))
    return names.length === 0 || installs.length === 0 ? [] : [draft(scene, declared, { names, installs })]
  })
}

type Affected = { names: string[]; installs: Instruction[] }

function draft(scene: Scene, declared: Instruction, { names, installs }: Affected): Draft {
  const [first] = installs
  const named = names.map((name) => `\`${name}\``).join(', ')
  return {
    ...linesOf(declared),
    message: `${named} ${names.length === 1 ? 'is' : 'are'} declared before the install in line ${first?.line}, and differs at every commit`,
    why: 'From its ARG on, a value is in the environment of every RUN of the stage, used or not: another value, and all of them run again.',
    // what is declared beside it may be wanted by the install
    edit: names.length === declared.variables.length ? moveBelow(scene, declared, installs.at(-1)) : null,
    reruns: installs,
  }
}

/** The declaration, and the ENV and LABEL that use it, below the install; null when something between needs the value. */
function moveBelow({ dockerfile }: Scene, declared: Instruction, last: Instruction | undefined): FileEdit | null {
  if (!last || !inOneStage(dockerfile, declared, last)) return null
  const names = declared.variables.map(({ name }) => name)
  const between =
    dockerfile.stages[declared.stage]?.instructions.filter(({ line }) => line > declared.line && line < last.line) ?? []
  const carried: Instruction[] = [declared]
  for (const one of between) {
    if (!names.some((name) => mentions(one, name))) continue
    if (!mayBeCarried(one, names)) return null
    carried.push(one)
    if (one.keyword !== 'LABEL') names.push(...one.variables.map(({ name }) => name))
  }
  const moved = new Set(carried)
  const others = between.filter((one) => !moved.has(one))
  if (mentionsAny(last, names) || others.some((one) => mentionsAny(one, names))) return null
  const gone = new Set(
    carried.flatMap(({ line, endLine }) => Array.from({ length: endLine - line + 1 }, (_, at) => line + at)),
  )
  const lines = dockerfile.text.split(/\r?\n/)
  const kept = lines.slice(declared.line - 1, last.endLine).filter((_, at) => !gone.has(declared.line + at))
  const start = kept.findIndex((line) => line.trim() !== '')
  return {
    file: dockerfile.file,
    startLine: declared.line,
    endLine: last.endLine,
    replacement: [...kept.slice(start), ...carried.flatMap((one) => rawLines(dockerfile, one))],
  }
}

/** Sets nothing but what comes of these values. */
function mayBeCarried({ keyword, variables }: Instruction, names: string[]): boolean {
  if (keyword === 'LABEL') return true
  const comesOf = ({ name, value }: Variable) =>
    names.some((known) => known === name || (value !== null && usesOf(known).test(value)))
  return (keyword === 'ARG' || keyword === 'ENV') && variables.every(comesOf)
}

function mentionsAny(instruction: Instruction, names: string[]): boolean {
  return names.some((name) => mentions(instruction, name))
}

/** `$NAME` or `${NAME…}`; an ENV of the same name stands for it from there on. */
function mentions({ keyword, text, heredocs, variables }: Instruction, name: string): boolean {
  if (keyword === 'ENV' && variables.some((variable) => variable.name === name)) return true
  const pattern = usesOf(name)
  return pattern.test(text) || heredocs.some((body) => pattern.test(body))
}

/** Whatever else stands there is no name that a shell would know. */
function usesOf(name: string): RegExp {
  return /^\w+$/.test(name) ? new RegExp(`\\$(?:${name}\\b|\\{${name}\\b)`) : /(?!)/
}
