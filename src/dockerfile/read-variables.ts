import type { Variable } from './dockerfile.ts'
import { wordsOf } from './words.ts'

/** ENV in both its forms, `NAME=value …` and `NAME the rest` (`parseNameVal` in BuildKit's `parser/line_parsers.go`). */
export function readEnv(rest: string, line: number, escapeWith: string): Variable[] {
  const words = wordsOf(rest, escapeWith)
  if (words[0]?.includes('=')) return words.flatMap((word) => (word.includes('=') ? [readPair(word, line)] : []))
  const [, name, value] = /^(\S+)\s+(\S[\s\S]*)$/.exec(rest) ?? []
  return name === undefined || value === undefined ? [] : [{ name, value, line }]
}

export function readArg(rest: string, line: number, escapeWith: string): Variable[] {
  return wordsOf(rest, escapeWith).map((word) => readPair(word, line))
}

function readPair(word: string, line: number): Variable {
  const equals = word.indexOf('=')
  if (equals === -1) return { name: word, value: null, line }
  return { name: word.slice(0, equals), value: word.slice(equals + 1), line }
}
