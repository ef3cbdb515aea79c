import type { KeptBuild, KeptStep } from '../kept-build.ts'
import type { Miss } from '../miss.ts'
import { ran, stepText } from './history.ts'

/**
 * The dependency install that a miss makes run again: the first that ran in its stage and on a platform where it missed,
 * at or after it. Not one after a cached install of the same package manager: there the dependencies were found, and only
 * the project itself is installed.
 */
export function installBehind(build: KeptBuild, miss: Miss): KeptStep | null {
  const stage = build.steps.filter((step) => step.stage === miss.stage)
  const missed = stage.findIndex((step) => step.name === miss.step)
  const platform = stage[missed]?.platform ?? null
  const steps = stage.filter((step) => step.platform === platform).sort((a, b) => ordinal(a) - ordinal(b))
  const from = steps.findIndex((step) => step.name === miss.step)
  const cached = new Set(steps.slice(0, Math.max(0, from)).map(managerOf))
  return steps.slice(Math.max(0, from)).find((step) => ran(step) && isInstall(step, cached)) ?? null
}

function isInstall(step: KeptStep, cached: Set<string | null>): boolean {
  const manager = managerOf(step)
  return manager !== null && !cached.has(manager) && !/\s--(?:no-deps|only-root)\b/.test(step.name)
}

function managerOf({ name }: KeptStep): string | null {
  const text = stepText(name)
  if (!/^(?:ONBUILD )?RUN\b/i.test(text)) return null
  return installs.find(([, pattern]) => pattern.test(text))?.[0] ?? null
}

const installs: [manager: string, pattern: RegExp][] = [
  ['npm', /\bnpm (?:--?\S+ )*(?:ci|clean-install|install|i)\b/],
  ['npm', /\bpnpm (?:--?\S+ )*(?:install|i|fetch)\b/],
  ['npm', /\byarn(?: (?:--?\S+ )*install\b|(?: --\S+)* ?(?:$|&&|;|\|))/],
  ['npm', /\bbun (?:install|i|ci)\b/],
  ['python', /\bpip3? (?:--?\S+ )*install\b|\buv (?:sync|pip (?:install|sync))\b|\b(?:poetry|pdm) (?:install|sync)\b/],
  ['python', /\bpipenv (?:install|sync)\b|\b(?:conda|mamba|micromamba) (?:install|env (?:create|update))\b/],
  ['ruby', /\bbundle (?:install|$|&&)|\bgem install\b/],
  ['php', /\bcomposer(?:\.phar)? (?:--?\S+ )*install\b/],
  ['go', /\bgo mod (?:download|vendor)\b/],
  ['rust', /\bcargo (?:chef cook|fetch|vendor)\b/],
  [
    'java',
    /\bdependency:(?:go-offline|resolve|resolve-plugins)\b|\bgradlew? (?:\S+ )*(?:dependencies|resolveDependencies)\b/,
  ],
  ['dotnet', /\bdotnet restore\b|\bnuget restore\b/],
  ['elixir', /\bmix (?:deps\.get|deps\.compile)\b/],
  ['dart', /\b(?:flutter|dart) pub get\b/],
  ['system', /\b(?:apt-get|apt|yum|dnf|microdnf|zypper) (?:-\S+ )*install\b|\bapk (?:-\S+ )*add\b/],
]

function ordinal({ name }: KeptStep): number {
  return Number(
    /^\[(?:[^\]]*\s)?(\d+)\/\d+\]|^STEP (\d+)/i
      .exec(name)
      ?.slice(1)
      .find((digits) => digits) ?? 0,
  )
}

/** It brings nothing but lists of dependencies: when they change, their install has to run. */
export function bringsOnlyManifests({ step, files }: Miss): boolean {
  if (files.length > 0 && files.every(isManifest)) return true
  const copy = /^(?:COPY|ADD) (.*)$/is.exec(stepText(step))?.[1]
  if (copy === undefined) return false
  const words = copy.split(' ').filter((word) => word !== '' && !word.startsWith('--'))
  const sources = words.map((word) => word.replace(/^[["',]+|(?<![\]"',])[\]"',]+$/g, '')).slice(0, -1)
  return sources.length > 0 && sources.every(isManifest)
}

function isManifest(path: string): boolean {
  return manifest.test(path.replace(/\/$/, '').split('/').at(-1) ?? '')
}

/** File names of manifests and lock files, as written in COPY, where `*` may stand for a part. */
const manifest = new RegExp(
  [
    String.raw`^(?:package(?:-lock)?|package\*|npm-shrinkwrap|bun|deno|composer|lerna|turbo|nx)\.(?:json|lock|lockb)\*?$`,
    String.raw`^(?:yarn|pnpm-lock|bun|Cargo|Gemfile|poetry|pdm|uv|Pipfile|composer|mix|pubspec|flake)\.(?:lock|lockb|ya?ml|\*)\*?$`,
    String.raw`^(?:pnpm-workspace\.ya?ml|\.npmrc|\.yarnrc(?:\.yml)?|\.nvmrc|\.yarn|\.pnpmfile\.cjs)$`,
    String.raw`^(?:Cargo\.toml|rust-toolchain(?:\.toml)?|recipe\.json|go\.(?:mod|sum|work|work\.sum|\*)|Gemfile|Pipfile|\S*\.gemspec)\*?$`,
    String.raw`^(?:pyproject\.toml|setup\.(?:py|cfg)|\S*requirements\S*|constraints\S*\.txt|environment\.ya?ml)$`,
    String.raw`^(?:pom\.xml|\S*\.gradle(?:\.kts)?|gradle\S*|mvnw|\.mvn|\S*\.(?:cs|fs|vb)proj|\S*\.slnx?|nuget\.config|Directory\.\S+\.props|packages\.lock\.json)$`,
    String.raw`^(?:mix\.exs|pubspec\.ya?ml|\.tool-versions|Package\.(?:swift|resolved))$`,
  ].join('|'),
  'i',
)
