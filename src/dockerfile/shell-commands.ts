import type { Instruction } from './dockerfile.ts'
import { heredocStart } from './heredocs.ts'
import { unquoted } from './words.ts'

/**
 * The simple commands of a RUN, each as its words without quotes: `A=1 npm ci && sudo make` is `npm ci` and `make`.
 * Enough to tell which programs run; no shell is imitated beyond that.
 */
export function shellCommands({ json, rest, heredocs }: Instruction): string[][] {
  if (json) return unwrapped(json)
  const lone = heredocs.length === 1 && heredocStart(rest) !== null
  const scripts = lone ? heredocs : [rest, ...heredocs]
  return scripts.flatMap((script) => commandsOf(script)).flatMap((words) => unwrapped(words))
}

/** Words and the signs between commands; a quoted part belongs to its word. */
const token =
  /\\\n|\n|(?<![;&|(){}])[;&|(){}]+(?=[\s;&|()]|$)|[;&|()]+|#[^\n]*|(?:\\[\s\S]|"(?:\\[\s\S]|[^"\\])*"|'[^']*'|[^\s;&|()\\"'])+|["'\\]/g

function commandsOf(script: string): string[][] {
  const commands: string[][] = [[]]
  for (const [found] of script.matchAll(token)) {
    if (found === '\\\n' || found.startsWith('#')) continue
    if (/^(?:\n|[;&|(){}]+)$/.test(found)) commands.push([])
    else commands.at(-1)?.push(unquoted(found))
  }
  return commands.filter((words) => words.length > 0)
}

/** Without assignments, keywords and programs that only start another one; what `sh -c` is given taken apart. */
function unwrapped(words: string[], depth = 0): string[][] {
  let at = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word) && !starters.has(word))
  // Options of a starter, as in `sudo -E npm ci` and `env -i A=1 npm ci`.
  if (at > 0) while (words[at]?.startsWith('-') || /^[A-Za-z_]\w*=/.test(words[at] ?? '')) at++
  const command = at === -1 ? [] : words.slice(at)
  const shell = shells.has(programOf(command)) ? command.findIndex((word) => /^-[a-z]*c$/.test(word)) : -1
  const script = shell === -1 ? undefined : command[shell + 1]
  if (script === undefined || depth > 2) return command.length === 0 ? [] : [command]
  return commandsOf(script).flatMap((inner) => unwrapped(inner, depth + 1))
}

const starters = new Set('! if then else elif while until do time exec command sudo env nice corepack npx'.split(' '))
const shells = new Set(['sh', 'bash', 'ash', 'dash', 'zsh'])

/** `./mvnw` and `/usr/bin/npm` by their last part. */
export function programOf(words: string[]): string {
  return words[0]?.split('/').at(-1) ?? ''
}
