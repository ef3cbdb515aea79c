import { redact } from './build/redact.ts'

/** What the commands at a terminal share: how they print, and how they word a mistake. */

/** Waits until it is written: a pipe that is read slowly must not fill our memory. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve())
  })
}

/** An error may quote what it met, and an address may hold a password. */
export function complain(words: string): void {
  process.stderr.write(`${redact(words)}\n`)
}

/** Why it went wrong, in the words of somebody who has to put it right. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EISDIR') return 'it is a folder; name the log file in it'
  if (code === 'EACCES') return 'permission denied'
  return error.cause instanceof Error ? `${error.message}: ${wordsOf(error.cause)}` : error.message
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** For options that may be repeated. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value]
}
