import type { Installer } from '../../dockerfile/installers.ts'
import type { Install } from '../install.ts'

/** What an install reads by its tool's own conventions, for when nobody has listed the files. */
export function conventional({ manager, words }: Install): string[] {
  return [...files[manager.name], ...wrapperOf(words)]
}

const files: Record<Installer, string[]> = {
  npm: ['package.json', 'package-lock.json'],
  yarn: ['package.json', 'yarn.lock'],
  pnpm: ['package.json', 'pnpm-lock.yaml'],
  bun: ['package.json', 'bun.lock'],
  pip: ['requirements.txt'],
  poetry: ['pyproject.toml', 'poetry.lock'],
  uv: ['pyproject.toml', 'uv.lock'],
  pipenv: ['Pipfile', 'Pipfile.lock'],
  'cargo-chef': [],
  cargo: ['Cargo.toml', 'Cargo.lock'],
  go: ['go.mod', 'go.sum'],
  composer: ['composer.json', 'composer.lock'],
  bundler: ['Gemfile', 'Gemfile.lock'],
  maven: ['pom.xml'],
  gradle: ['build.gradle*', 'settings.gradle*'],
  dotnet: ['*.csproj'],
}

/** What else has to be there, of what is there: wrappers, plugins, patches, and a schema that a postinstall reads. */
export function besideManifests({ words }: Install, folder: string, all: string[]): string[] {
  const wanted = [...wrapperOf(words), ...(isNode(words) ? ['.yarn/', 'patches/', 'prisma/'] : [])]
  return wanted
    .map((path) => `${folder}${path}`)
    .filter((path) => (path.endsWith('/') ? all.some((file) => file.startsWith(path)) : all.includes(path)))
}

function wrapperOf([program = '']: string[]): string[] {
  if (program.endsWith('/mvnw')) return ['mvnw', '.mvn/']
  return program.endsWith('/gradlew') ? ['gradlew', 'gradle/'] : []
}

function isNode([program = '']: string[]): boolean {
  return /^(?:npm|yarn|yarnpkg|pnpm|bun)$/.test(program)
}
