import type { Instruction } from '../../dockerfile/dockerfile.ts'
import { isManifest } from '../../dockerfile/package-managers.ts'
import { copiesWholeContext } from '../copied.ts'
import type { FileEdit } from '../finding.ts'
import { type Context, linesOf, type Rule, type Scene } from '../rule.ts'

/** What changes without any change of the sources is copied with them. */
export const missingDockerignore: Rule = {
  id: 'missing-dockerignore',
  level: 'warning',
  summary: 'the whole context is copied, with `.git` or installed and built files in it',
  runbook: { file: 'cache-misses.md', anchor: 'files-that-do-not-belong-in-the-image-invalidate-copy' },
  check(scene) {
    const copy = wholeCopies(scene)[0]
    const { context } = scene
    const wanted = (name: string) => name === '.git' && usesGit(scene)
    const there = copy ? namesThere(context).filter((name) => isTaken(context, name) && !wanted(name)) : []
    if (!copy || there.length === 0) return []
    const names = context.ignoreFile ? there : [...new Set([...there, ...namesExpected(context)])]
    const edit = ignoreEdit(context, names)
    const what = there.map((name) => `\`${name}\``).join(', ')
    const file = context.ignoreFile ? `${context.ignoreFile.path} leaves it in` : 'there is no .dockerignore'
    return [
      {
        ...linesOf(copy),
        message: `the whole context is copied, and ${what} with it: ${file}`,
        why: 'Every file below a copied folder counts, by its content and mode: what installs, builds and git leave behind makes the copy miss, and all that follows.',
        edit,
      },
    ]
  },
}

/** The Dockerfile itself makes `COPY . .` miss. */
export const dockerfileInContext: Rule = {
  id: 'dockerfile-in-context',
  level: 'note',
  summary: 'the whole context is copied, with the Dockerfile in it',
  runbook: { file: 'docker-layer-caching.md', anchor: 'optimisation-tips' },
  strict: true,
  check(scene) {
    const { context, dockerfile } = scene
    const copy = wholeCopies(scene)[0]
    const prefix = context.folder ? `${context.folder}/` : ''
    if (!copy || context.folder === null || !dockerfile.file.startsWith(prefix)) return []
    const name = dockerfile.file.slice(prefix.length)
    if (!context.files?.includes(name) || context.ignore?.ignores(name)) return []
    return [
      {
        ...linesOf(copy),
        message: `\`${name}\` is copied with the context: a change in its last line makes this copy miss`,
        why: 'The Dockerfile is read before the context is; ignored, it still builds.',
        edit: ignoreEdit(context, [name]),
      },
    ]
  },
}

function wholeCopies({ dockerfile }: Scene): Instruction[] {
  return dockerfile.stages
    .flatMap(({ instructions }) => instructions)
    .filter(
      (instruction) => copiesWholeContext(dockerfile, instruction) && (instruction.copy?.exclude.length ?? 0) === 0,
    )
}

/** The build asks git something, say for its version: without `.git` it would fail. */
function usesGit({ dockerfile }: Scene): boolean {
  const asks =
    /(?:^|[\s"'/=,])\.git\b|\bgit[ -](?:-C \S+ )?(?:describe|rev-parse|rev-list|log|show|status|diff|ls-files|submodule|meta|version)\b/
  return dockerfile.stages.some(({ instructions }) =>
    instructions.some(({ text, heredocs }) => [text, ...heredocs].some((part) => asks.test(part))),
  )
}

/** Folders that tools make beside the manifests of a language. */
const made: { by: string[]; names: string[] }[] = [
  { by: ['npm', 'yarn', 'pnpm', 'bun'], names: ['node_modules'] },
  { by: ['cargo', 'cargo-chef'], names: ['target'] },
  { by: ['pip', 'poetry', 'uv', 'pipenv'], names: ['.venv', '__pycache__'] },
  { by: ['maven'], names: ['target'] },
  { by: ['gradle'], names: ['build', '.gradle'] },
  { by: ['dotnet'], names: ['bin', 'obj'] },
  { by: ['composer'], names: ['vendor'] },
]

const always = new Set([
  '.git',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  '.gradle',
  '.next',
  '.nuxt',
  'target',
  'coverage',
  '.pytest_cache',
  '.tox',
])

/** Of what lies at the top of the context; nothing that might as well be sources. */
function namesThere({ files, cloned }: Context): string[] {
  const folders = (files ?? []).filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1))
  return folders.filter((name) => always.has(name) && !(cloned && name === '.git'))
}

/** What will be there as soon as somebody works in it. */
function namesExpected({ files }: Context): string[] {
  const managers = new Set<string>(
    (files ?? []).filter((path) => !path.includes('/')).flatMap((path) => isManifest(path).map(({ name }) => name)),
  )
  const names = made.filter(({ by }) => by.some((name) => managers.has(name))).flatMap((one) => one.names)
  return names.filter((name) => !(files ?? []).some((path) => path.startsWith(`${name}/`) && path !== `${name}/`))
}

function isTaken({ ignore }: Context, name: string): boolean {
  return !ignore?.ignores(name) && !ignore?.ignoresAll(name)
}

function ignoreEdit({ folder, ignoreFile }: Context, names: string[]): FileEdit | null {
  if (ignoreFile === null)
    return folder === null
      ? null
      : {
          file: folder === '' ? '.dockerignore' : `${folder}/.dockerignore`,
          startLine: 1,
          endLine: 0,
          replacement: names,
        }
  const lines = ignoreFile.text.split(/\r?\n/)
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length
  // behind a last line that does not end, written in its place
  const unended = count === lines.length ? lines.slice(-1) : []
  const startLine = count + 1 - unended.length
  return { file: ignoreFile.path, startLine, endLine: count, replacement: [...unended, ...names] }
}
