import { webUrl } from './from-text.ts'

/** What somebody wants to hear of, when it is not a run by its link: the run has yet to be found. */
export type Target =
  | { kind: 'repository'; repository: string; branch: string | null }
  | { kind: 'commit'; repository: string; sha: string }
  | { kind: 'pull'; repository: string; number: number }

/** `#12` alone says nothing of a repository: null. */
export type TypedTarget = Target | (Omit<Target & { kind: 'pull' }, 'repository'> & { repository: null })

const longest = 500

/**
 * `acme/web`, `acme/web@main`, `acme/web#12`, `#12`, or the page of a repository, branch, commit or pull request at
 * GitHub; null for anything else. Reads Slack's `<url|label>` too. `baseUrl` as in from-text.ts.
 */
export function readTarget(typed: string, baseUrl: string): TypedTarget | null {
  const text = undressed(typed.trim())
  if (text.length > longest) return null
  return /^https?:\/\//i.test(text) ? readPage(text, webUrl(baseUrl)) : readName(text)
}

/** `acme/web#12` */
export function targetName(target: Target): string {
  const { repository } = target
  if (target.kind === 'pull') return `${repository}#${target.number}`
  if (target.kind === 'commit') return `${repository}@${target.sha.slice(0, 7)}`
  return target.branch === null ? repository : `${repository}@${target.branch}`
}

function readName(text: string): TypedTarget | null {
  const [, owner = '', name = '', sign = '', rest = ''] = /^(?:([^/@#]+)\/([^/@#]+))?(?:([@#])(.+))?$/.exec(text) ?? []
  const repository = repositoryOf(owner, name)
  if (repository === null && text.includes('/') && sign !== '#') return null
  if (sign === '#') {
    const number = readNumber(rest)
    return number === null || (repository === null && owner !== '') ? null : { kind: 'pull', repository, number }
  }
  if (repository === null || (sign === '@' && !isBranch(rest))) return null
  return { kind: 'repository', repository, branch: sign === '@' ? rest : null }
}

function readPage(address: string, web: string): Target | null {
  const url = URL.parse(address)
  const base = new URL(web)
  if (url === null || url.host !== base.host || url.username !== '' || !url.pathname.startsWith(base.pathname))
    return null
  const path = url.pathname.slice(base.pathname.replace(/\/$/, '').length)
  const [owner = '', name = '', page, ...rest] = path.split('/').filter((part) => part !== '')
  const repository = repositoryOf(owner, name.replace(/\.git$/, ''))
  if (repository === null) return null
  if (page === undefined || page === 'actions') return { kind: 'repository', repository, branch: null }
  if (page === 'pull') return pullOf(repository, rest[0])
  const [id = ''] = rest
  if (page === 'commit' && /^[0-9a-f]{40,64}$/.test(id)) return { kind: 'commit', repository, sha: id }
  const branch = decoded(rest.join('/'))
  return page === 'tree' && isBranch(branch) ? { kind: 'repository', repository, branch } : null
}

function pullOf(repository: string, typed: string | undefined): Target | null {
  const number = readNumber(typed ?? '')
  return number === null ? null : { kind: 'pull', repository, number }
}

/** GitHub's rules for names; what does not follow them is never sent to it. */
function repositoryOf(owner: string, name: string): string | null {
  const isName = /^[a-z\d][\w-]{0,99}$/i.test(owner) && /^[\w.-]{1,100}$/.test(name) && !/^\.{1,2}$/.test(name)
  return isName ? `${owner}/${name}` : null
}

/** https://git-scm.com/docs/git-check-ref-format */
function isBranch(name: string): boolean {
  return (
    name.length <= 250 && /^[^\s~^:?*[\\\p{C}-][^\s~^:?*[\\\p{C}]*$/u.test(name) && !/\.\.|\/\/|@\{|[/.]$/.test(name)
  )
}

function readNumber(text: string): number | null {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null
}

/** Slack makes a link of what looks like a host or an address, and shows what was typed. */
function undressed(text: string): string {
  const plain = text
    .replace(/^<(https?:\/\/[^|>\s]{1,500})(?:\|[^>]{0,500})?>$/i, '$1')
    .replace(/^`([^`]{1,500})`$/, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
  return plain.replaceAll('&amp;', '&')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
