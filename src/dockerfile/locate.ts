import type { Dockerfile, Instruction, Stage } from './dockerfile.ts'

/**
 * The instruction behind a BuildKit vertex, or a step of the classic builder (no stage, no ordinal). The place counts
 * first; when other words stand there the log may tell of another version of the file, and the same words elsewhere in
 * the stage count more. Null when neither the place nor the words are found.
 */
export function locate(dockerfile: Dockerfile, step: Step): Instruction | null {
  const instruction = step.instruction.replace(/^\s*ONBUILD\s+/i, '')
  const keyword = /^\s*(\S+)/.exec(instruction)?.[1]?.toUpperCase() ?? ''
  const stages = stagesOf(dockerfile, step)
  const candidates = (stages ?? dockerfile.stages)
    .flatMap(({ instructions }) => instructions)
    .filter((one) => one.keyword === keyword && !one.onbuild)
  const placed =
    stages && step.ordinal !== null ? candidates.find(({ ordinal }) => ordinal === step.ordinal) : undefined
  if (placed && (keyword === 'FROM' || sameWords(placed, instruction))) return placed
  return candidates.find((one) => sameWords(one, instruction)) ?? placed ?? null
}

/** `stage` is a stage's name or `stage-N`; null for a Dockerfile with one stage. */
export type Step = { stage: string | null; ordinal: number | null; instruction: string }

/** Null when the step names no stage of this file: then only its words can tell. */
function stagesOf({ stages }: Dockerfile, { stage, ordinal }: Step): Stage[] | null {
  if (stage === null) return ordinal !== null && stages.length === 1 ? stages : null
  const named = stages.filter(({ name }) => name === stage.toLowerCase())
  if (named.length > 0) return named
  const numbered = stages[Number(/^stage-(\d+)$/.exec(stage)?.[1])]
  return numbered && numbered.name === null ? [numbered] : null
}

/** The step shows these words, or as many of them as a narrow terminal has room for. */
export function isSpeltSo(instruction: Instruction, shown: string): boolean {
  const words = plain(shown.replace(/^\s*ONBUILD\s+/i, ''))
  return sameWords(instruction, words) || plain(instruction.text).startsWith(words.replace(/(?:\.{3}|…)$/, ''))
}

/** Variables of the instruction stand for any text: BuildKit writes the values that it knows into the name. */
function sameWords({ keyword, text }: Instruction, shown: string): boolean {
  if (keyword === 'FROM') return sameImage(plain(text), plain(shown))
  const [first = '', ...others] = text.split(variable).map(plain)
  const name = plain(shown)
  if (others.length === 0) return name === first
  const last = others.pop() ?? ''
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  let at = first.length
  for (const piece of others) {
    const found = name.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return at <= name.length - last.length
}

const variable = /\$(?:\{[^}]{0,500}\}|\w+)/

/** Without what BuildKit's lexer takes out of some names and leaves in others: blanks, quotes and escapes. */
function plain(text: string): string {
  return text.replace(/[\s"'\\`]+/g, '')
}

/** `FROM node:22 AS deps` is shown as `FROM docker.io/library/node:22@sha256:…`. */
function sameImage(text: string, shown: string): boolean {
  const image = shown.replace(/^FROM/i, '').replace(/@sha256:.*$/, '')
  const short = image.replace(/^docker\.io\/(?:library\/)?/, '')
  return text.includes(image) || text.includes(short)
}
