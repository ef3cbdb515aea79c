import { z } from 'zod'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { GithubFault } from './fault.ts'

export type TextFile = { kind: 'file'; text: string } | Missing
export type Folder = { kind: 'folder'; entries: FolderEntry[] } | Missing
export type Missing = { kind: 'missing'; because: string }
/** `path`: from the repository's root. `type`: file, dir, symlink, submodule; a submodule is called file at times. */
export type FolderEntry = { name: string; path: string; type: string }

/** Reads files of a repository at a commit, branch or tag, one call each. Needs *Contents: read*. */
export type Contents = {
  /** A text of at most 1 MB. A symbolic link to a file gives that file, as GitHub follows it. */
  readText(repository: string, path: string, ref: string): Promise<TextFile>
  /** What lies in a folder; at most 1,000 entries. */
  listFolder(repository: string, path: string, ref: string): Promise<Folder>
}

export function githubContents(client: GithubClient): Contents {
  return {
    async readText(repository, path, ref) {
      const found = await readContent(client, { repository, path, ref })
      return found.kind === 'missing' ? found : textOf(found)
    },
    async listFolder(repository, path, ref) {
      const found = await readContent(client, { repository, path, ref })
      if (found.kind === 'missing') return found
      if (found.type !== 'dir') return { kind: 'missing', because: `${found.path} is no folder` }
      return { kind: 'folder', entries: found.entries }
    },
  }
}

type Place = { repository: string; path: string; ref: string }
type Content = { kind: 'found'; path: string } & z.infer<typeof schema>

/** GitHub gives the content of files up to here. https://docs.github.com/rest/repos/contents#get-repository-content */
const mostBytes = 1024 * 1024

async function readContent(client: GithubClient, { repository, path, ref }: Place): Promise<Content | Missing> {
  const inside = insideRepository(path)
  if (inside === null) return { kind: 'missing', because: 'the path is none of a file in the repository' }
  await client.forRepository(repository)
  const doing = `Reading ${inside || 'the root folder'} of ${repository}`
  try {
    // As an object everything has a type: the raw form does not tell a folder or a link from a file.
    const question = { repository, doing, needs: 'Contents: read', schema } as const
    const content = await ask(client, question, async ({ rest }, place) => {
      const headers = { accept: 'application/vnd.github.object+json' }
      return (await rest.repos.getContent({ ...place, path: inside, ref, headers })).data
    })
    return { kind: 'found', path: inside || 'the root folder', ...content }
  } catch (error) {
    if (error instanceof GithubFault && error.status === 404)
      return { kind: 'missing', because: `there is no ${inside || 'content'} at ${shortRef(ref)}, or we cannot see it` }
    throw error
  }
}

function textOf({ path, type, size, encoding, content }: Content): TextFile {
  const missing = (because: string): TextFile => ({ kind: 'missing', because: `${path} ${because}` })
  if (type === 'dir') return missing('is a folder')
  if (type === 'symlink') return missing('is a symbolic link that leads to no file of the repository')
  if (type === 'submodule') return missing('is a submodule, whose files lie in another repository')
  if (size > mostBytes || encoding === 'none') return missing('is larger than 1 MB')
  if (type !== 'file' || encoding !== 'base64') return missing('is no file that GitHub gives as text')
  const bytes = Buffer.from(content ?? '', 'base64')
  return { kind: 'file', text: new TextDecoder().decode(bytes) }
}

const schema = z.object({
  type: z.string().max(50),
  size: z.int(),
  encoding: z.string().max(50).optional(),
  content: z.string().optional(),
  entries: z
    .array(z.object({ name: z.string(), path: z.string(), type: z.string().max(50) }))
    .max(1_000)
    .default([]),
})

/** The path without `.` and doubled slashes; null when it climbs: a URL with `..` in it would be another request. */
function insideRepository(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.includes('..') || path.includes('\0') || !path.isWellFormed() ? null : parts.join('/')
}

function shortRef(ref: string): string {
  return /^[0-9a-f]{40,64}$/.test(ref) ? ref.slice(0, 7) : ref.slice(0, 200)
}
