import type { Instruction } from '../../dockerfile/dockerfile.ts'
import { programOf, shellCommands } from '../../dockerfile/shell-commands.ts'

/** A RUN that sets up the machine or a tool, so that it does the same before the sources are there. */
export function getsByWithoutSources(run: Instruction): boolean {
  if (run.mounts.some(({ type, from }) => type === 'bind' && from === null)) return false
  return shellCommands(run).every(isSetup)
}

/** Of a command by itself. Rather not when in doubt. */
export function isSetup(words: string[]): boolean {
  const program = programOf(words)
  const [, verb = '', ...more] = words
  // a script of the project
  if (/^\.\.?\//.test(words[0] ?? '')) return false
  if (machine.has(program)) return !words.slice(1).some((word) => /^\.\/?/.test(word) && !word.startsWith('..'))
  if (/^(?:npm|pnpm|yarn|bun)$/.test(program))
    return /^(?:config|set|cache|store|--version)$/.test(verb) || words.some((word) => /^(?:-g|--global)$/.test(word))
  if (/^pip[\d.]*$/.test(program))
    return verb === 'install' && more.every((word) => !/^(?:\.|-r|-c|-e|--requirement)/.test(word))
  if (/^python[\d.]*$/.test(program))
    return verb === '-m' && /^(?:venv|pip)$/.test(more[0] ?? '') && !more.includes('-r') && !more.includes('.')
  if (/^(?:uv|poetry|bundle|composer|go|git|cargo)$/.test(program)) return isToolSetup(program, verb, more)
  return false
}

const machine = new Set(
  'apt-get apt apk yum dnf microdnf cd set export echo mkdir true enable prepare curl wget useradd groupadd adduser addgroup update-ca-certificates rustup gem rm locale-gen corepack docker-php-ext-install'.split(
    ' ',
  ),
)

function isToolSetup(program: string, verb: string, more: string[]): boolean {
  if (program === 'uv') return verb === 'venv' || verb === 'python'
  if (program === 'go') return verb === 'install' && more.some((word) => word.includes('@'))
  if (program === 'cargo') return verb === 'install' && !more.includes('--path')
  return verb === 'config'
}
