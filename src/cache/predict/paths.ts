import type { Dockerfile, Instruction, Stage } from '../../dockerfile/dockerfile.ts'
import { expand } from '../../dockerfile/expand.ts'

/**
 * Whether an instruction stood on the same instructions in the Dockerfile before, from the outermost image on. As in the
 * builder's own cache, names of stages do not matter, nor what they are for.
 */
export function knownPaths(before: Dockerfile, now: Dockerfile): (instruction: Instruction) => boolean {
  const places = new Map<string, number>()
  walk(before, (parent, words) => {
    const place = places.get(`${parent} ${words[0]}`) ?? places.size + 1
    for (const each of words) places.set(`${parent} ${each}`, place)
    return place
  })
  const known = new Set<Instruction>()
  walk(now, (parent, words, instruction) => {
    const place = words.map((each) => places.get(`${parent} ${each}`)).find((found) => found !== undefined)
    if (place !== undefined) known.add(instruction)
    return place ?? null
  })
  return (instruction) => known.has(instruction)
}

/** Gives the place of an instruction that stands on `parent`; null when there is none. */
type Visit = (parent: number, words: string[], instruction: Instruction) => number | null

function walk(dockerfile: Dockerfile, visit: Visit) {
  const ends = new Map<number, number | null>()
  for (const stage of dockerfile.stages) {
    const below = stage.base.stage
    let place: number | null = below === null ? 0 : (ends.get(below) ?? null)
    for (const instruction of stage.instructions) {
      if (place === null) break
      if (instruction.onbuild || configOnly.has(instruction.keyword)) continue
      if (instruction.keyword === 'FROM' && below !== null) continue
      for (const words of partsOf(stage, instruction, ends))
        if (place !== null) place = visit(place, words, instruction)
    }
    ends.set(stage.index, place)
  }
}

/** They are in no key. */
const configOnly = new Set('LABEL CMD ENTRYPOINT EXPOSE STOPSIGNAL HEALTHCHECK VOLUME MAINTAINER'.split(' '))

/** Variables one by one, however they are written: what counts is what they set. */
function partsOf(stage: Stage, instruction: Instruction, ends: Map<number, number | null>): string[][] {
  const { keyword, variables } = instruction
  if (keyword !== 'ENV' && keyword !== 'ARG') return [wordsOf(stage, instruction, ends)]
  const plain = (value: string | null) => value && expand(value, (name) => `\${${name}}`)
  return variables.map(({ name, value }) => [JSON.stringify([keyword, name, plain(value)])])
}

/** As written, and with what a stage holds in the place of its name. */
function wordsOf(stage: Stage, instruction: Instruction, ends: Map<number, number | null>): string[] {
  const { keyword, text, heredocs, copy, mounts } = instruction
  if (keyword === 'FROM') return [JSON.stringify([stage.base.image ?? stage.base.text, stage.base.platform])]
  const sources = [copy?.from, ...mounts.map(({ from }) => from)]
  const stages = sources.flatMap((source) => (source?.kind === 'stage' ? [ends.get(source.stage) ?? null] : []))
  const counted = keyword === 'RUN' ? text.replace(cacheMount, withoutId) : text
  const written = JSON.stringify([counted, heredocs])
  if (stages.length === 0) return [written]
  const nameless = counted.replace(/(\bfrom=)[^\s,]+/g, '$1')
  return stages.includes(null) ? [written] : [JSON.stringify([nameless, stages, heredocs]), written]
}

const cacheMount = /--mount=(?=\S*type=cache)\S+/g

/** BuildKit blanks an id of one's own and how a cache is shared (`llbsolver/ops/exec.go`, `CacheMap`). */
function withoutId(mount: string): string {
  return mount.replace(/,sharing=[^\s,]*/g, '').replace(/([,=])id=[^\s,]*/g, '$1id')
}
