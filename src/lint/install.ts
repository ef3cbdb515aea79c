import type { Instruction } from '../dockerfile/dockerfile.ts'
import { installerOf } from '../dockerfile/installers.ts'
import { type PackageManager, packageManagers } from '../dockerfile/package-managers.ts'
import { shellCommands } from '../dockerfile/shell-commands.ts'

/** A RUN that installs dependencies, taken apart. */
export type Install = {
  instruction: Instruction
  manager: PackageManager
  /** the command that installs, as words without quotes */
  words: string[]
  commands: string[][]
  /** which of the commands it is */
  at: number
  needs: Needs
}

/**
 * Whether the install gets by without the sources. `rest`: it does something with the project too, which this option
 * leaves for a second call; by design when that is what the tool is made for. `sources`: it cannot do without.
 */
export type Needs = { kind: 'manifests' } | { kind: 'rest'; option: string; byDesign: boolean } | { kind: 'sources' }

export function installOf(instruction: Instruction): Install | null {
  if (instruction.keyword !== 'RUN' || instruction.onbuild) return null
  const commands = shellCommands(instruction)
  for (const [at, words] of commands.entries()) {
    const found = installerOf(words)
    const manager = found && packageManagers.find(({ name }) => name === found.name)
    if (!found || !manager || isOffline(words)) continue
    return {
      instruction,
      manager,
      words,
      commands,
      at,
      needs: needsOf(manager, words, found.project && takesProject(words)),
    }
  }
  return null
}

/** `.` or `./service`, but not `-r ./requirements.txt`. */
function takesProject(words: string[]): boolean {
  return words.some((word, at) => /^\.(?:$|[/[])/.test(word) && !pathOption.test(words[at - 1] ?? ''))
}

const pathOption =
  /^(?:-[rctf]|--(?:requirements?|constraints?|target|find-links|prefix|root|cache-dir|src|python|build-constraints?))$/

/** Puts in place what was fetched before. */
function isOffline(words: string[]): boolean {
  return words.some((word) => /^--(?:offline|no-install|no-index|local)$/.test(word))
}

function needsOf({ name }: PackageManager, words: string[], project: boolean): Needs {
  const has = (...options: string[]) => words.some((word) => options.includes(word))
  if (project || (name === 'go' && has('vendor')) || (name === 'cargo' && has('vendor'))) return { kind: 'sources' }
  if (name === 'poetry' && !has('--no-root')) return { kind: 'rest', option: '--no-root', byDesign: true }
  if (name === 'uv' && has('sync') && !has('pip', '--no-install-project', '--no-install-workspace', '--only-dev'))
    return { kind: 'rest', option: '--no-install-project', byDesign: true }
  if (name === 'composer' && !(has('--no-scripts') && has('--no-autoloader')))
    return { kind: 'rest', option: '--no-scripts --no-autoloader', byDesign: false }
  return { kind: 'manifests' }
}
