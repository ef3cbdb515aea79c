import { commandWords, isBuild, optionValues } from '../build/command-words.ts'
import { type CacheOption, readCacheOption } from '../workflow/cache-option.ts'
import type { CacheEntry, CacheSetup } from './evidence.ts'

/** What an echoed command line says of caches; null when it is none that builds. */
export function commandSetup(command: string | null): CacheSetup | null {
  if (command === null || !isBuild(command)) return null
  const words = commandWords(command)
  const entries = (name: string) => optionValues(words, name).map((text) => entryOf(readCacheOption(text, 0)))
  return {
    written: 'the command line',
    imports: entries('--cache-from'),
    exports: entries('--cache-to'),
    noCache: false,
    rivals: [],
    held: null,
  }
}

export function entryOf({ type, scope, ref, mode }: CacheOption): CacheEntry {
  return { type, scope: type === 'gha' ? (scope ?? 'buildkit') : scope, ref, mode }
}
