import { z } from 'zod'

/** Checks that the bot can do itself; a page binds an item to one with `<!-- check: NAME -->` at its end. */
export const checkNames = [
  'steps-cached',
  'build-time',
  'no-unexpected-miss',
  'cache-transfers',
  'job-passes',
  'not-same-failure',
] as const
export type CheckName = (typeof checkNames)[number]

export const checkSchema = z.strictObject({
  name: z.enum(checkNames),
  /** of `build-time`: most minutes; null for the others */
  minutes: z.number().positive().nullable(),
  /** of `steps-cached`: only steps that install dependencies, or all that the change does not explain */
  steps: z.enum(['dependencies', 'all']).nullable(),
})
export type Check = z.infer<typeof checkSchema>

/** A comment that means to bind an item, also one that is misspelt. */
export function isCheckComment(comment: string): boolean {
  return /^<!--\s*checks?\b/i.test(comment)
}

/** Reads `<!-- check: build-time under=10m -->`; `wrong` says what is not right, what was expected, and gives an example. */
export function readCheck(comment: string): { check: Check } | { wrong: string } {
  const text = comment.replace(/^<!--/, '').replace(/-->$/, '').trim()
  if (!text.startsWith('check:')) return { wrong: `"${shown(text)}" is no check, expected ${example('job-passes')}` }
  const [word = '', ...settings] = text.slice('check:'.length).trim().split(/\s+/)
  const name = checkNames.find((known) => known === word)
  if (name === undefined)
    return {
      wrong: `the check "${shown(word)}" is not known, expected one of ${checkNames.join(', ')}, e.g. ${example('job-passes')}`,
    }
  const wrong = whatIsWrong(name, settings)
  if (wrong !== null) return { wrong: `${wrong}, e.g. ${example(name)}` }
  const [, value = ''] = (settings[0] ?? '').split('=')
  return {
    check: {
      name,
      minutes: name === 'build-time' ? minutesOf(value) : null,
      steps: name === 'steps-cached' ? stepsOf(value) : null,
    },
  }
}

/** The one setting of a check, and how it is written. */
const settingOf: Partial<Record<CheckName, { key: string; reads: (value: string) => unknown; expected: string }>> = {
  'build-time': { key: 'under', reads: minutesOf, expected: 'a time such as 10m, 90s or 1h' },
  'steps-cached': { key: 'of', reads: stepsOf, expected: '`dependencies` or `all`' },
}

function whatIsWrong(name: CheckName, settings: string[]): string | null {
  const setting = settingOf[name]
  const stray = settings.find((written) => written.split('=')[0] !== setting?.key)
  if (stray !== undefined) {
    const known = setting ? `only \`${setting.key}=\`` : 'none'
    return `the check ${name} has no setting "${shown(stray)}", expected ${known}`
  }
  if (!setting) return null
  const [written, second] = settings
  if (written === undefined) return `the check ${name} needs \`${setting.key}=\`, expected ${setting.expected}`
  if (second !== undefined) return `the check ${name} has \`${setting.key}=\` twice, expected it once`
  const value = written.slice(setting.key.length + 1)
  if (setting.reads(value) !== null) return null
  return `\`${setting.key}=\` of the check ${name} should be ${setting.expected}, found "${shown(value)}"`
}

const inMinutes = { s: 1 / 60, m: 1, h: 60 }

function minutesOf(value: string): number | null {
  const [, digits, unit] = /^(\d{1,4}(?:\.\d{1,2})?)([smh])$/.exec(value) ?? []
  const minutes = Number(digits) * inMinutes[unit as keyof typeof inMinutes]
  return minutes > 0 ? minutes : null
}

function stepsOf(value: string): Check['steps'] {
  return value === 'dependencies' || value === 'all' ? value : null
}

function example(name: CheckName): string {
  const setting = { 'build-time': ' under=10m', 'steps-cached': ' of=dependencies' }[name as string] ?? ''
  return `<!-- check: ${name}${setting} -->`
}

function shown(written: string): string {
  return written.length <= 60 ? written : `${written.slice(0, 60)}…`
}
