import { redact } from '../build/redact.ts'

/** Everything that is wrong with the configuration, all of it at once. */
export class ConfigProblems extends Error {
  readonly code = 'CONFIG_PROBLEMS'
  readonly problems: string[]

  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${list(problems)}`,
    )
    this.name = 'ConfigProblems'
    this.problems = problems
  }
}

/** One mistake: where it stands, what is there (never a secret), what belongs there and a line that would do. */
export type Mistake = { where: string; found: string; expected: string; example?: string }

/** Collects mistakes while the configuration is read. */
export type Report = (mistake: Mistake) => void

export function printMistake({ where, found, expected, example }: Mistake): string {
  return `${where}: expected ${expected}, found ${found}${example === undefined ? '' : `, e.g. ${example}`}`
}

/** Quotes what a person wrote. Also a setting that is no secret may have had one pasted into it, so it is masked first. */
export function quote(value: unknown, hide: (text: string) => string): string {
  if (value === undefined || value === null || value === '') return 'nothing'
  if (typeof value === 'object') return Array.isArray(value) ? `a list of ${value.length}` : 'a block of keys'
  const text = hide(String(value))
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** A function that masks the given secrets, and whatever has the shape of one. */
export function hider(secrets: string[]): (text: string) => string {
  // The longest first: one secret may be the beginning of another. Very short ones would mask ordinary words.
  const known = secrets.filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length)
  return (text) => redact(known.reduce((masked, secret) => masked.replaceAll(secret, '***'), text))
}

function list(problems: string[]): string {
  return problems.map((problem) => `  ${problem}`).join('\n')
}
