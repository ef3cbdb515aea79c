import type { Build } from '../build/build.ts'
import { commandWords, optionValues } from '../build/command-words.ts'
import type { JobStep } from '../build/job-steps.ts'
import type { LogReading } from '../build/read-log.ts'
import { buildsOf } from './failure.ts'

/** The command line of a build as far as the log shows it: echoed by an action, or in the script of the job's step. */
export type BuildCommand = {
  line: number
  text: string
  words: string[]
  /** nothing is set elsewhere (a bake file, a variable), so what it does not say was not asked for */
  whole: boolean
}

export function commandOf(reading: LogReading, build: Build): BuildCommand | null {
  const step = build.jobStep === null ? null : reading.jobSteps[build.jobStep]
  const script = step ? scriptOf(step) : null
  if (script === null) {
    if (build.command === null || !buildsImage.test(build.command)) return null
    const whole = !/\bbake\b/.test(build.command)
    const line = build.commandLine ?? build.firstLine
    return { line, text: `[command]${build.command}`, words: commandWords(build.command), whole }
  }
  const [text, ...more] = script.filter((line) => buildsImage.test(line))
  // one command and one build in a step: then they belong together
  if (!step || text === undefined || more.length > 0 || buildsOf(reading, step).length !== 1) return null
  return { line: step.line, text: `Run ${step.name}`, words: commandWords(text), whole: false }
}

const buildsImage = /\bdocker(?:-buildx)?\s+(?:buildx\s+)?(?:build|bake)\s/

/** The commands of a `run:` step, one a line; null for an action, whose header shows inputs. */
export function scriptOf(step: JobStep): string[] | null {
  const end = step.header.findIndex((line) => line.startsWith('shell: '))
  if (end < 0) return null
  const joined = step.header
    .slice(0, end)
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
  return joined.split('\n').flatMap((line) => (/^\s*(?:#|$)/.test(line) ? [] : line.trim()))
}

/** Values of an option that may be given several times. */
export function valuesOf({ words }: Pick<BuildCommand, 'words'>, ...names: string[]): string[] {
  return optionValues(words, ...names)
}

/** Tags that a command line gives to what it builds. */
export function tagsOf(command: string): string[] {
  return buildsImage.test(command) ? valuesOf({ words: commandWords(command) }, '-t', '--tag') : []
}
