import type { Instruction } from './dockerfile.ts'
import { type Installer, installerOf } from './installers.ts'
import { shellCommands } from './shell-commands.ts'

/** How a language's dependencies are declared, and who installs them. */
export type PackageManager = {
  name: Installer
  /** base names; `*` stands for any text */
  manifests: string[]
  /** what was run installs the project itself with its dependencies (`pip install .`), so it needs the sources too */
  project?: true
}

const cargo = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain*']

export const packageManagers: readonly PackageManager[] = [
  { name: 'npm', manifests: ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc'] },
  { name: 'yarn', manifests: ['package.json', 'yarn.lock', '.yarnrc', '.yarnrc.yml'] },
  {
    name: 'pnpm',
    manifests: ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', 'pnpmfile.cjs', '.pnpmfile.cjs'],
  },
  { name: 'bun', manifests: ['package.json', 'bun.lock', 'bun.lockb', 'bunfig.toml'] },
  {
    name: 'pip',
    manifests: [
      'requirements*.txt',
      '*requirements.txt',
      'constraints*.txt',
      'pyproject.toml',
      'setup.py',
      'setup.cfg',
    ],
  },
  { name: 'poetry', manifests: ['pyproject.toml', 'poetry.lock', 'poetry.toml'] },
  { name: 'uv', manifests: ['pyproject.toml', 'uv.lock', 'uv.toml', 'requirements*.txt', '.python-version'] },
  { name: 'pipenv', manifests: ['Pipfile', 'Pipfile.lock'] },
  { name: 'cargo-chef', manifests: [...cargo, 'recipe.json'] },
  { name: 'cargo', manifests: cargo },
  { name: 'go', manifests: ['go.mod', 'go.sum', 'go.work', 'go.work.sum'] },
  { name: 'composer', manifests: ['composer.json', 'composer.lock'] },
  { name: 'bundler', manifests: ['Gemfile', 'Gemfile.lock', '*.gemspec', '.ruby-version'] },
  { name: 'maven', manifests: ['pom.xml', 'settings.xml'] },
  {
    name: 'gradle',
    manifests: ['build.gradle*', 'settings.gradle*', 'gradle.properties', 'gradle.lockfile', 'libs.versions.toml'],
  },
  {
    name: 'dotnet',
    manifests: [
      ...['*.csproj', '*.fsproj', '*.vbproj', '*.sln', '*.slnx', 'nuget.config', 'packages.lock.json', 'global.json'],
      'Directory.*.props',
    ],
  },
]

/** The package manager whose dependencies a RUN installs; other commands may stand beside it in the same RUN. */
export function installsDependencies(instruction: Instruction): PackageManager | null {
  if (instruction.keyword !== 'RUN' || instruction.onbuild) return null
  for (const words of shellCommands(instruction)) {
    const found = installerOf(words)
    const manager = found && packageManagers.find(({ name }) => name === found.name)
    if (found && manager) return found.project ? { ...manager, project: true } : manager
  }
  return null
}

/** The package managers that read a file of this name. */
export function isManifest(path: string): PackageManager[] {
  const name = path.split('/').at(-1) ?? ''
  return packageManagers.filter(({ manifests }) => manifests.some((pattern) => fitsName(pattern, name)))
}

/** `*` stands for any text; capitals count for as much as small letters. */
export function fitsName(pattern: string, name: string): boolean {
  const [start = '', ...rest] = pattern.toLowerCase().split('*')
  const lower = name.toLowerCase()
  if (rest.length === 0) return lower === start
  const end = rest.join('')
  return lower.length >= start.length + end.length && lower.startsWith(start) && lower.endsWith(end)
}
