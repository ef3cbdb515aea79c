import { ConfigProblems, hider, printMistake, quote, type Report } from './problems.ts'
import { type SettingName, type SettingValues, settings } from './settings.ts'

export type Environment = Record<string, string | undefined>
export type ReadFile = (path: string) => string

/** What the parts of the configuration are read from, and where they report mistakes. */
export type Reading = {
  values: SettingValues
  /** true also for a variable whose value was wrong, and has been reported */
  isSet: (name: SettingName) => boolean
  readFile: ReadFile
  report: Report
  hide: (text: string) => string
}

/** Runs a reader with an empty list of problems, and throws the list unless it stays empty. */
export function collectProblems<Value>(
  env: Environment,
  readFile: ReadFile,
  read: (reading: Reading) => Value | null,
): Value {
  const problems: string[] = []
  const report: Report = (mistake) => problems.push(printMistake(mistake))
  const isSet = (name: SettingName) => written(env, name) !== ''
  const hide = hider(settingNames.filter((name) => settings[name].secret).map((name) => written(env, name)))
  const value = read({ values: readSettings(env, report, hide), isSet, readFile, report, hide })
  if (problems.length > 0 || value === null) throw new ConfigProblems(problems)
  return value
}

/** Reports a variable that is needed and not there, unless it is there and wrong, which is reported already. */
export function needed({ isSet, report }: Reading, name: SettingName, because: string): null {
  const { expected, example } = settings[name]
  if (!isSet(name))
    report({ where: name, found: 'nothing', expected: `${expected}, ${because}`, example: `${name}=${example}` })
  return null
}

const settingNames = Object.keys(settings) as SettingName[]

function readSettings(env: Environment, report: Report, hide: (text: string) => string): SettingValues {
  const values: Record<string, unknown> = {}
  for (const name of settingNames) {
    const text = written(env, name)
    if (text === '') continue
    const { schema, secret, expected, example } = settings[name]
    const parsed = schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else {
      const found = secret ? `something else, ${text.length} characters long` : quote(text, hide)
      report({ where: name, found, expected, example: `${name}=${example}` })
    }
  }
  // Each value came out of the schema of its own name, which the loop cannot tell the compiler.
  return values as SettingValues
}

/** Blanks around a value are a slip of the file it came from; an empty value is no value. */
function written(env: Environment, name: SettingName): string {
  return env[name]?.trim() ?? ''
}
