import { webUrl } from '../alert/from-text.ts'
import type { KeptBuild } from '../cache/kept-build.ts'
import type { GithubClient } from '../github/client.ts'
import { type Contents, githubContents } from '../github/contents.ts'
import { defaultBranch } from '../github/default-branch.ts'
import { GithubFault } from '../github/fault.ts'
import { blobsOf } from '../github/trees.ts'
import { isDockerfile, wantedFiles, withoutSkipped } from '../lint/files.ts'
import { lint } from '../lint/lint.ts'
import { type LintAsk, lintAskSchema } from '../slack/ask.ts'
import type { Reply } from '../slack/reply.ts'
import type { Builds } from '../store/builds.ts'
import { type LintAsker, planLint, planNoLint } from '../thread/lint.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import type { Task } from './turn.ts'

export type LintWorld = {
  reply: Reply
  hands: LintHands
  builds: Pick<Builds, 'ofRepository'>
  /** where the pages of GitHub are */
  githubUrl: string
  now: () => Date
}

/** What GitHub is asked for a repository's files. */
export type LintHands = {
  readText: Contents['readText']
  /** paths of all files at a branch, tag or commit; empty when there is no such thing, or nothing that we may see */
  listFiles(repository: string, ref: string): Promise<string[]>
  defaultBranch(repository: string): Promise<string>
}

export function lintHands(client: GithubClient): LintHands {
  return {
    readText: githubContents(client).readText,
    listFiles: async (repository, ref) => [...(await blobsOf(client, repository, ref)).keys()],
    defaultBranch: defaultBranch(client),
  }
}

/** A person asked for the rules of the runbook, held against a repository: read its files, and answer where they asked. */
export function lintRepositoryTask(world: LintWorld): Task<LintAsk> {
  return {
    name: 'lint-repository',
    schema: lintAskSchema,
    async perform(ask, step) {
      const message = await step('lint', () => lintRepository(world, ask))
      await step('answer', async () => {
        await world.reply(ask.replyTo, [message])
        return null
      })
    },
    async gaveUp(ask, error) {
      const because = error instanceof Error ? error.message : String(error)
      await world.reply(ask.replyTo, [planNoLint(because, askerOf(ask))])
    },
  }
}

async function lintRepository(world: LintWorld, ask: LintAsk): Promise<WantedMessage> {
  try {
    return await linted(world, ask)
  } catch (error) {
    // asked again, GitHub would say the same
    if (error instanceof GithubFault && (error.code === 'not-found' || error.code === 'forbidden'))
      return planNoLint(error.message, askerOf(ask))
    throw error
  }
}

async function linted(world: LintWorld, ask: LintAsk): Promise<WantedMessage> {
  const { repository } = ask.lint
  const home = await world.hands.defaultBranch(repository)
  const ref = ask.lint.ref ?? home
  const listed = await world.hands.listFiles(repository, ref)
  if (listed.length === 0)
    return planNoLint(`there is nothing at ${ref} of ${repository}, or I cannot see it.`, askerOf(ask))
  // a checkout has it, and nothing else that is not committed
  const paths = [...withoutSkipped(listed), '.git/']
  const now = await readAll(world, repository, { ref, paths: wantedFiles(paths) })
  const base =
    ref === home
      ? null
      : await readAll(world, repository, { ref: home, paths: [...now.texts.keys()].filter(isDockerfile) })
  const report = lint(
    { paths, texts: now.texts, base: base?.texts ?? null },
    { history: await history(world, repository) },
  )
  const pageOf = (file: string, line: number) =>
    `${webUrl(world.githubUrl)}/${repository}/blob/${encoded(ref)}/${encoded(file)}#L${line}`
  return planLint({ repository, ref, report, texts: now.texts, missing: now.missing, pageOf }, askerOf(ask))
}

/** Enough for an average; what is older may have been another Dockerfile. */
const buildsRead = 60

function history({ builds, now }: LintWorld, repository: string): Promise<KeptBuild[]> {
  return builds.ofRepository(repository, { before: now(), limit: buildsRead })
}

type Wanted = { ref: string; paths: string[] }

/** A repository with more than this is told so. */
const mostFiles = 80
const atOnce = 8

async function readAll({ hands }: LintWorld, repository: string, { ref, paths }: Wanted) {
  const texts = new Map<string, string>()
  const missing =
    paths.length > mostFiles
      ? [
          `${paths.length - mostFiles} more Dockerfiles, workflows and ignore files: \`layerwise lint\` in a checkout reads them all`,
        ]
      : []
  const wanted = paths.slice(0, mostFiles)
  for (let at = 0; at < wanted.length; at += atOnce) {
    const some = wanted.slice(at, at + atOnce)
    const read = await Promise.all(some.map((path) => hands.readText(repository, path, ref)))
    for (const [index, file] of read.entries()) {
      if (file.kind === 'file') texts.set(some[index] ?? '', file.text)
      else missing.push(file.because)
    }
  }
  return { texts, missing }
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function askerOf({ replyTo, askedBy }: LintAsk): LintAsker {
  const tag = replyTo.kind === 'thread' ? `lint:${replyTo.channel}:${replyTo.ts}` : `lint:${replyTo.url}`
  return { tag, askedBy }
}
