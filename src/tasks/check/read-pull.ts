import type { PullRequest } from '../../github/pulls.ts'
import { isDockerfile, isWorkflow, type LintFiles, nameOf, wantedFiles, withoutSkipped } from '../../lint/files.ts'
import type { PullFiles } from '../../lint/pull.ts'
import { dockerfileOfBuild, readWorkflows } from '../../lint/workflows.ts'
import type { CheckHands } from './hands.ts'

/**
 * What a pull request does to the files that images are built from, as it stands and where it left its base branch. Null
 * when it touches none of them. One call for each file, and some five more.
 */
export async function readPull(hands: CheckHands, repository: string, pull: PullRequest): Promise<PullFiles | null> {
  const changed = await hands.pulls.filesOfPull(repository, pull.number)
  const paths = changed.files.map(({ path }) => path)
  const odd = paths.filter(mayBeDockerfile)
  const plainly = wantedFiles(paths).length > 0
  if (!plainly && odd.length === 0) return null
  const baseSha = (await hands.mergeBase(repository, pull.baseSha, pull.headSha)) ?? pull.baseSha
  const [now, before] = [await hands.blobs(repository, pull.headSha), await hands.blobs(repository, baseSha)]
  const missing = changed.because === null ? [] : [changed.because]
  const read = reader(hands, repository, missing)
  const workflows = await readAll(read, now, [...now.keys()].filter(isWorkflow).slice(0, mostFiles), pull.headSha)
  const named = namesIn({ paths: null, texts: workflows, base: null })
  if (!plainly && !odd.some((path) => named.has(path))) return null
  const wanted = relevant([...now.keys()], new Set(paths), named).filter((path) => !workflows.has(path))
  const left = wanted.slice(mostFiles)
  if (left.length > 0) missing.push(`${left.length} further Dockerfiles and their like, as there are so many`)
  const texts = new Map([...workflows, ...(await readAll(read, now, wanted.slice(0, mostFiles), pull.headSha))])
  const old = await readBefore(read, { now, before, texts, touched: paths, sha: baseSha })
  return {
    changed,
    head: { paths: listed(now), texts, base: old },
    base: { paths: listed(before), texts: old, base: null },
    missing,
  }
}

/** Of each kind. More of them are rare, and every one costs a call. */
const mostFiles = 60

/** By its name it could be a Dockerfile that a workflow calls by another one; anything else need not be asked about. */
function mayBeDockerfile(path: string): boolean {
  const name = nameOf(path)
  return !/\.\w+$/.test(name.replace(/^\./, '')) || /docker|container|image/i.test(name)
}

type Read = (path: string, sha: string) => Promise<string | null>

function reader({ contents }: CheckHands, repository: string, missing: string[]): Read {
  return async (path, sha) => {
    const found = await contents.readText(repository, path, sha)
    if (found.kind === 'file') return found.text
    missing.push(found.because)
    return null
  }
}

type Blobs = ReadonlyMap<string, string>
type Texts = Map<string, string>

async function readAll(read: Read, blobs: Blobs, paths: string[], sha: string): Promise<Texts> {
  const there = paths.filter((path) => blobs.has(path))
  const texts = await Promise.all(there.map(async (path) => [path, await read(path, sha)] as const))
  return new Map(texts.flatMap(([path, text]) => (text === null ? [] : [[path, text] as const])))
}

/** Files that are the same on both sides are not read twice. */
async function readBefore(
  read: Read,
  { now, before, texts, touched, sha }: { now: Blobs; before: Blobs; texts: Texts; touched: string[]; sha: string },
): Promise<Texts> {
  const same = [...texts].filter(([path]) => before.has(path) && before.get(path) === now.get(path))
  const other = wantedFiles([...texts.keys(), ...touched]).filter((path) => before.get(path) !== now.get(path))
  const named = [...texts.keys()].filter((path) => before.get(path) !== now.get(path))
  const others = await readAll(read, before, [...new Set([...other, ...named])].slice(0, 2 * mostFiles), sha)
  return withMoved(new Map([...same, ...others]), { now, before })
}

/** A Dockerfile that got another name is held against what it was. */
function withMoved(old: Texts, { now, before }: { now: Blobs; before: Blobs }): Texts {
  const [gone, ...others] = [...old.keys()].filter((path) => isDockerfile(path) && !now.has(path))
  const text = gone === undefined ? undefined : old.get(gone)
  const added = [...now.keys()].filter((path) => isDockerfile(path) && !before.has(path))
  const [name] = added
  return text === undefined || name === undefined || others.length + added.length > 1
    ? old
    : new Map([...old, [name, text]])
}

/** What the pull request touches first, should there be too many. */
function relevant(paths: string[], touched: Set<string>, named: Set<string>): string[] {
  const all = new Set([...wantedFiles(paths), ...paths.filter((path) => named.has(path))])
  return [...all].sort((one, other) => Number(touched.has(other)) - Number(touched.has(one)))
}

function namesIn(files: LintFiles): Set<string> {
  return new Set(readWorkflows(files).builds.flatMap((build) => dockerfileOfBuild(build) ?? []))
}

/** With what a checkout adds. Null when GitHub told nothing: then nobody knows which files there are. */
function listed(blobs: Blobs): string[] | null {
  return blobs.size === 0 ? null : [...withoutSkipped([...blobs.keys()]), '.git/']
}
