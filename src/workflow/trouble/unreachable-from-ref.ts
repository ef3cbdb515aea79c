import { type CacheOption, readCacheOption } from '../cache-option.ts'
import { lookupIn } from '../expand.ts'
import { resolveText } from '../expression.ts'
import type { Triggers } from '../workflow.ts'
import { addressOf, type Finding, finding, type Placed, placeAll, type Scene } from './scene.ts'
import type { Edit } from './trouble.ts'
import { branchWorld, defaultWorlds, exportsIn, type World } from './worlds.ts'

/** Caches that lie where the next build cannot look: GitHub shows a ref its own, its base's and the default branch's. */
export function unreachableFromRef(scene: Scene): Finding[] {
  const { triggers } = scene.workflow
  return scene.placed.flatMap((one) => {
    const first = staysOnOneRef(triggers) ? undefined : ownBranchOnly(one)
    if (first) return [coldBranch(one, first, scene)]
    const lost = exportsElsewhere(one, scene)
    return lost ? [writtenAside(one, lost)] : []
  })
}

function staysOnOneRef({ events, push, pullRequest }: Triggers): boolean {
  const branches =
    push === null ||
    (push.branches !== null && push.branches.length <= 1 && !push.branches.some((name) => /[*?[!+]/.test(name)))
  const other = events.some(
    (event) => !['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'].includes(event),
  )
  return branches && push?.tags?.length !== undefined && push.tags.length === 0 && pullRequest === null && !other
}

/** The first import, when each of them has another address on each branch. */
function ownBranchOnly(one: Placed): CacheOption | undefined {
  const { cacheFrom } = one.written
  return cacheFrom.every((option) => variesByBranch(one, option)) ? cacheFrom[0] : undefined
}

function variesByBranch(one: Placed, option: CacheOption): boolean {
  if (option.type !== 'gha' && option.type !== 'registry') return false
  return (
    addressIn(one, option.text, branchWorld('push', 'one')) !==
    addressIn(one, option.text, branchWorld('push', 'two', 'b'.repeat(40)))
  )
}

function addressIn({ written, leg }: Placed, text: string, world: World): string | null {
  const known = ownVariables(text)
  return addressOf(readCacheOption(resolveText(known, lookupIn(written, leg, featureOf(world))), 1))
}

/** On a branch other than the default one; for a pull request its name is in head_ref. */
function featureOf({ lookup }: World): World['lookup'] {
  return (path) => {
    const name = path.join('.')
    const branch = lookup(['github', 'ref_name'])
    if (name === 'github.head_ref' || name === 'github.event.pull_request.head.ref') return branch
    if (name === 'github.event.pull_request.number' || name === 'github.event.number' || name.startsWith('github.run_'))
      return branch
    return name.startsWith('github.event.') || name === 'github.base_ref' ? undefined : lookup(path)
  }
}

/** The runner sets these from the same values. */
function ownVariables(text: string): string {
  return text.replace(
    /\$\{?GITHUB_(REF_NAME|REF|HEAD_REF|SHA|RUN_ID)\b\}?/g,
    (_, name: string) => `\${{ github.${name.toLowerCase()} }}`,
  )
}

function coldBranch(one: Placed, option: CacheOption, scene: Scene): Finding {
  return finding(one, {
    ...{
      kind: 'unreachable-from-ref',
      line: option.line,
      message: 'only the cache of the branch itself is read, so the first build of each branch starts from nothing',
    },
    why: 'With the branch, the commit or the pull request in its name, the cache of the default branch is another one; a second cache-from can name it.',
    edit: withDefaultBranch(one, option, scene),
  })
}

function withDefaultBranch(one: Placed, option: CacheOption, { linesOf }: Scene): Edit | null {
  const { written } = one
  const main = '${{ github.event.repository.default_branch }}'
  const text = option.text.replace(/\$\{\{[^}]*\bgithub\.(?:ref_name|head_ref)\b[^}]*\}\}/, main)
  const world = branchWorld('push', 'main')
  const reached =
    resolveText(text, lookupIn(written, one.leg, world.lookup)) ===
    resolveText(option.text, lookupIn(written, one.leg, world.lookup))
  if (text === option.text || !reached || !written.place || written.place.flow || written.cacheFrom.length > 1)
    return null
  const line = linesOf(written.source)[option.line - 1] ?? ''
  const indent = /^\s*/.exec(line)?.[0] ?? ''
  if (line.trim() === option.text)
    return { startLine: option.line, endLine: option.line, replacement: [line, indent + text] }
  if (line.replace(/["']/g, '').trim() !== `cache-from: ${option.text}`) return null
  const replacement = [`${indent}cache-from: |`, `${indent}  ${option.text}`, `${indent}  ${text}`]
  return { startLine: option.line, endLine: option.line, replacement }
}

/** A GitHub cache that is written for tags only, or for pull requests while others read it. */
function exportsElsewhere(one: Placed, { workflow, others, placed }: Scene): CacheOption | undefined {
  if (defaultWorlds(workflow).length > 0) return undefined
  const { events, push } = workflow.triggers
  const tagsOnly =
    events.length > 0 &&
    events.every((event) => event === 'release' || (event === 'push' && push?.branches?.length === 0))
  const pullRequestsOnly = events.length > 0 && events.every((event) => event === 'pull_request')
  const around = others.flatMap((other) =>
    placeAll(other, other.builds).map((build) => ({ build, worlds: defaultWorlds(other) })),
  )
  return one.build.cacheTo.find((option) => {
    const address = option.type === 'gha' && !option.conditional ? addressOf(option) : null
    if (address === null || placed.length === 0) return false
    const written = around.some(({ build, worlds }) =>
      worlds.some((world) => exportsIn(build, world).some((other) => addressOf(other) === address)),
    )
    const read = around.some(({ build }) => build.build.cacheFrom.some((other) => addressOf(other) === address))
    return tagsOnly || (pullRequestsOnly && read && !written)
  })
}

function writtenAside(one: Placed, option: CacheOption): Finding {
  return finding(one, {
    ...{
      kind: 'unreachable-from-ref',
      line: option.line,
      message: 'this cache is written where no other branch, tag or pull request can read it',
    },
    why: 'A GitHub cache belongs to the ref of its run; only that of the default branch can be read from all others. Write it in a run on the default branch.',
    edit: null,
  })
}
