import type { CacheOption } from '../cache-option.ts'
import type { ImageBuild } from '../workflow.ts'
import type { Edit } from './trouble.ts'

/** One piece of a line for another; null when the line does not hold it exactly once, so that nobody is surprised. */
export function replaceInLine(lines: string[], line: number, from: string, to: string): Edit | null {
  return replaceInLines(lines, [{ line, from, to }])
}

export function replaceInLines(lines: string[], changes: { line: number; from: string; to: string }[]): Edit | null {
  const startLine = Math.min(...changes.map(({ line }) => line))
  const endLine = Math.max(...changes.map(({ line }) => line))
  const replacement = lines.slice(startLine - 1, endLine)
  for (const { line, from, to } of changes) {
    const parts = (replacement[line - startLine] ?? '').split(from)
    if (from === '' || parts.length !== 2) return null
    replacement[line - startLine] = parts.join(to)
  }
  return changes.length === 0 ? null : { startLine, endLine, replacement }
}

/** New text for an option that stands whole in its line. A comma would end a plain value inside of braces. */
export function rewriteOption(build: ImageBuild, lines: string[], option: CacheOption, text: string): Edit | null {
  return rewriteOptions(build, lines, [{ option, text }])
}

export function rewriteOptions(
  build: ImageBuild,
  lines: string[],
  changes: { option: CacheOption; text: string }[],
): Edit | null {
  const plain = changes.some(({ option }) => !isQuoted(lines[option.line - 1] ?? '', option.text))
  if (build.place?.flow && plain) return null
  return replaceInLines(
    lines,
    changes.map(({ option, text }) => ({ line: option.line, from: option.text, to: text })),
  )
}

export function insertAfter(lines: string[], line: number, added: string[]): Edit {
  return { startLine: line, endLine: line, replacement: [lines[line - 1] ?? '', ...added] }
}

/** Inputs for an action, below its `with:`; null when there is no room for them. */
export function addInputs(build: ImageBuild, lines: string[], inputs: Record<string, string[]>): Edit | null {
  const { place } = build
  if (place === null || place.flow) return null
  const written = inputLines(place.indent, inputs)
  const header = place.hasWith ? [] : [`${' '.repeat(place.indent - 2)}with:`]
  return insertAfter(lines, place.line, [...header, ...written])
}

export function inputLines(indent: number, inputs: Record<string, string[]>): string[] {
  const space = ' '.repeat(indent)
  return Object.entries(inputs).flatMap(([name, values]) =>
    values.length === 1
      ? [`${space}${name}: ${values[0]}`]
      : [`${space}${name}: |`, ...values.map((value) => `${space}  ${value}`)],
  )
}

/** Attributes of an option, changed in its own text. */
export function withField(text: string, name: string, value: string): string {
  const field = new RegExp(`(^|,)\\s*${name}=(?:\\$\\{\\{.*?\\}\\}|[^,])*`)
  return field.test(text)
    ? text.replace(field, (_, comma: string) => `${comma}${name}=${value}`)
    : `${text},${name}=${value}`
}

export function withoutFields(text: string, names: string[]): string {
  return names.reduce((rest, name) => rest.replace(new RegExp(`,\\s*${name}=(?:\\$\\{\\{.*?\\}\\}|[^,])*`), ''), text)
}

function isQuoted(line: string, text: string): boolean {
  return line.includes(`"${text}"`) || line.includes(`'${text}'`)
}
