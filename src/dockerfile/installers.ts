import { programOf } from './shell-commands.ts'

export type Installer =
  | ('npm' | 'yarn' | 'pnpm' | 'bun' | 'pip' | 'poetry' | 'uv' | 'pipenv' | 'cargo-chef' | 'cargo')
  | ('go' | 'composer' | 'bundler' | 'maven' | 'gradle' | 'dotnet')

/** The package manager that a command calls to install what the project's own files declare; named packages are none. */
export function installerOf(words: string[]): { name: Installer; project: boolean } | null {
  const python = /^(?:python|py)[\d.]*$/.test(programOf(words)) && words[1] === '-m'
  const [program, args] = [programOf(python ? words.slice(2) : words), words.slice(python ? 3 : 1)]
  if (args.some((word) => /^(?:--version|--help|-h|-V)$/.test(word))) return null
  const call = { args, plain: withoutOptions(args) }
  const rule = rules.find(({ programs, installs }) => programs.test(program) && installs(call))
  return rule ? { name: rule.name, project: rule.project?.(call) ?? false } : null
}

/** `plain` is without options: the subcommand first, then what it is given. */
type Call = { args: string[]; plain: string[] }

type Rule = {
  name: Installer
  programs: RegExp
  installs: (call: Call) => boolean
  project?: (call: Call) => boolean
}

const rules: Rule[] = [
  node('npm', /^npm$/, 'ci clean-install install-clean ic install i'),
  node('pnpm', /^pnpm$/, 'install i ci fetch'),
  node('bun', /^bun$/, 'install i ci'),
  { name: 'yarn', programs: /^(?:yarn|yarnpkg)$/, installs: isYarnInstall },
  { name: 'pip', programs: /^pip[\d.]*$/, installs: isPipInstall, project: isProject },
  { name: 'pip', programs: /^pip-sync$/, installs: () => true },
  { name: 'poetry', programs: /^poetry$/, installs: begins('install', 'sync') },
  { name: 'uv', programs: /^uv$/, installs: isUvInstall, project: isUvProject },
  {
    name: 'pipenv',
    programs: /^pipenv$/,
    installs: ({ plain }) => plain[0] === 'sync' || (plain[0] === 'install' && plain.length === 1),
  },
  { name: 'cargo-chef', programs: /^cargo$/, installs: (call) => begins('chef cook')(toolchainless(call)) },
  { name: 'cargo', programs: /^cargo$/, installs: (call) => begins('fetch', 'vendor')(toolchainless(call)) },
  { name: 'cargo-chef', programs: /^cargo-chef$/, installs: begins('cook', 'chef cook') },
  { name: 'go', programs: /^go$/, installs: begins('mod download', 'mod vendor') },
  { name: 'composer', programs: /^composer(?:\.phar)?$/, installs: begins('install', 'i') },
  {
    name: 'bundler',
    programs: /^bundler?$/,
    installs: ({ plain }) => plain.length === 0 || plain[0] === 'install',
  },
  {
    name: 'maven',
    programs: /^mvnw?$/,
    installs: ({ plain }) =>
      plain.some((goal) => /dependency(?:-plugin(?::[\d.]+)?)?:(?:go-offline|resolve|copy-dep)/.test(goal)),
  },
  {
    name: 'gradle',
    programs: /^gradlew?$/,
    installs: ({ plain }) =>
      plain.some((goal) => /^(?:\S*:)?(?:dependencies|(?:resolve|download)\w*Dependencies)$/.test(goal)),
  },
  { name: 'dotnet', programs: /^dotnet$/, installs: begins('restore') },
]

function begins(...starts: string[]): (call: Call) => boolean {
  return ({ plain }) => starts.some((start) => start.split(' ').every((word, at) => plain[at] === word))
}

/** An install without names of packages, and not of a tool for the whole machine. */
function node(name: Installer, programs: RegExp, subcommands: string): Rule {
  const known = new Set(subcommands.split(' '))
  const installs = ({ args, plain }: Call) =>
    plain.length === 1 &&
    known.has(plain[0] ?? '') &&
    !args.some((word) => /^(?:-g|--global|--location=global)$/.test(word))
  return { name, programs, installs }
}

function isYarnInstall({ plain }: Call): boolean {
  if (plain.length === 0 || (plain[0] === 'install' && plain.length === 1)) return true
  return plain[0] === 'workspaces' && plain[1] === 'focus'
}

function isPipInstall(call: Call): boolean {
  if (!/^(?:install|download|wheel)$/.test(call.plain[0] ?? '')) return false
  return call.args.some((word) => /^(?:-r|--requirements?(?:=|$))/.test(word)) || isProject(call)
}

/** `.`, `.[dev]`, `./service`: a folder with the sources, whether or not it is `-e`. */
function isProject({ args }: Call): boolean {
  return args.some((word) => /^\.(?:\/[^\s[]*)?(?:\[[^\]]*\])?$/.test(word))
}

function isUvInstall({ args, plain }: Call): boolean {
  if (plain[0] !== 'pip') return plain[0] === 'sync'
  return plain[1] === 'sync' || isPipInstall({ args, plain: plain.slice(1) })
}

function isUvProject(call: Call): boolean {
  return call.plain[0] === 'pip' && isProject(call)
}

/** `cargo +nightly fetch`. */
function toolchainless({ args, plain }: Call): Call {
  return { args, plain: plain.filter((word) => !word.startsWith('+')) }
}

function withoutOptions(args: string[]): string[] {
  return args.filter(
    (word, at) => !word.startsWith('-') && !isRedirection(args, at) && !valued.test(args[at - 1] ?? ''),
  )
}

/** Options whose value is the next word; only those that stand in Dockerfiles, the rest write `=` or have none. */
const valued =
  /^(?:--(?:prefix|cwd|dir|loglevel|registry|cache|cache-folder|workspace|omit|include|userconfig|filter|store-dir|reporter|network-timeout|network-concurrency|mutex|modules-folder|fetch-retries|maxsockets|directory|project|group|extra|index-url|extra-index-url|find-links|target|python|recipe-path|manifest-path|package|bin|features|profile|file|settings|jobs|retry|path|gemfile|without|with|only|no-group|only-group)|-[CwFirtfjsp])$/

function isRedirection(args: string[], at: number): boolean {
  return /^(?:\d*|&)[<>]/.test(args[at] ?? '') || /^(?:\d*|&)[<>]{1,2}$/.test(args[at - 1] ?? '')
}
