import type { Dockerfile } from '../../dockerfile/dockerfile.ts'
import { programOf } from '../../dockerfile/shell-commands.ts'
import { rawLines } from '../chain.ts'
import type { Install } from '../install.ts'
import { isSetup } from './no-sources.ts'

/** `install` goes before the sources, `after` behind them. */
export type Parted = { install: string[]; after: string[] }

/** A RUN parted into what installs and what needs the sources; null when its script is no plain list of commands. */
export function partRun(dockerfile: Dockerfile, install: Install): Parted | null {
  const { instruction, commands, at, needs } = install
  const raw = rawLines(dockerfile, instruction)
  if (needs.kind === 'sources' || !commands.slice(0, at).every(isSetup)) return null
  const rest = commands.slice(at + 1)
  const only = rest.every(isCleaning) ? { install: raw, after: [] } : split(install, raw[0] ?? '')
  if (!only || needs.kind === 'manifests') return only
  const parted = withOption(only.install, install, needs.option)
  // as a whole, once more: what is there already takes no time
  return parted && { install: parted, after: [...raw] }
}

/** Empties caches behind an install, and belongs to it. */
function isCleaning(words: string[]): boolean {
  const program = programOf(words)
  return (
    program === 'rm' ||
    program === 'true' ||
    words.some((word) => /^(?:cache|clear-cache|clearcache|clean)$/.test(word))
  )
}

/** `cd web && yarn install && yarn build`: up to the install, and the rest, in the same folder. */
function split({ instruction, commands, at }: Install, first: string): Parted | null {
  const { rest, json, heredocs, flags } = instruction
  if (json || heredocs.length > 0 || /[;|(){}"'\\`]|(?:^|[^&])&(?:[^&]|$)/.test(rest)) return null
  const pieces = rest.split('&&').map((piece) => piece.trim())
  if (pieces.length !== commands.length) return null
  const last = commands.findLastIndex((words, index) => index <= at || (index === at + 1 && isCleaning(words)))
  const kept = pieces.filter((_, index) => index < at && /^(?:cd|export|set)$/.test(commands[index]?.[0] ?? ''))
  const written = flags.map(({ name, value }) => `--${name}${value === true ? '' : `=${value}`} `).join('')
  const head = `${/^\s*\S+\s+/.exec(first)?.[0] ?? 'RUN '}${written}`
  return {
    install: [`${head}${pieces.slice(0, last + 1).join(' && ')}`],
    after: [`${head}${[...kept, ...pieces.slice(last + 1)].join(' && ')}`],
  }
}

/** The option behind the command's subcommand, in the text as it stands. */
function withOption(lines: string[], { words }: Install, option: string): string[] | null {
  const verb = words.find((word, index) => index > 0 && /^(?:install|i|sync)$/.test(word))
  const missing = option.split(' ').filter((one) => !words.includes(one))
  for (const [at, line] of lines.entries()) {
    // words and the blanks between them in turn
    const parts = line.split(/(\s+)/)
    const program = parts.indexOf(words[0] ?? '')
    const place = program === -1 ? -1 : parts.indexOf(verb ?? '', program)
    if (place === -1) continue
    const written = parts.toSpliced(place + 1, 0, ...missing.flatMap((one) => [' ', one])).join('')
    return lines.with(at, written)
  }
  return null
}
