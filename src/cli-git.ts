import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Texts of files in a folder as they are at a commit, branch or tag of its git repository; those that it does not have are left out. */
export async function textsAt(
  dir: string,
  ref: string,
  paths: string[],
): Promise<{ texts: Map<string, string> } | { problem: string }> {
  if (!(await git(dir, ['rev-parse', '--git-dir'])))
    return { problem: `--base ${ref}: no such folder, and ${dir} is in no git repository` }
  const commit = await git(dir, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
  if (!commit) return { problem: `--base ${ref}: no such folder, and git knows no such commit` }
  const texts = new Map<string, string>()
  for (const path of paths) {
    const text = await git(dir, ['show', `${commit.trim()}:./${path}`])
    if (text !== null) texts.set(path, text)
  }
  return { texts }
}

/** `owner/name` of the remote that a clone comes from; null when there is none. */
export async function originOf(dir: string): Promise<string | null> {
  const url = (await git(dir, ['remote', 'get-url', 'origin']))?.trim() ?? ''
  return /[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(url)?.[1] ?? null
}

const run = promisify(execFile)

/** What git prints; null when it says no. No shell is in between. */
async function git(dir: string, args: string[]): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['-C', dir, ...args], { maxBuffer: 4 * 1024 * 1024, timeout: 30_000 })
    return stdout
  } catch {
    return null
  }
}
