/** A link to a run, an attempt of it or one of its jobs, as somebody pasted it. */
export type RunLink = {
  /** `owner/name`, spelled as in the link */
  repository: string
  runId: number
  /** null when the link names none: then the latest is meant */
  attempt: number | null
  jobId: number | null
}

const longestText = 100_000
const mostLinks = 20

/**
 * The run and job links in a text, each once, in order, at most 20. Reads Slack's `<url|label>` too. `baseUrl` is
 * GitHub's page or API address, e.g. `https://github.com` or `https://ghe.example.com/api/v3`; links elsewhere are not ours.
 */
export function runLinks(text: string, baseUrl: string): RunLink[] {
  const found = new Map<string, RunLink>()
  for (const [candidate] of text.slice(0, longestText).matchAll(/https?:\/\/[^\s<>|"'`)\]]+/g)) {
    const link = readLink(candidate, webUrl(baseUrl))
    if (link !== null) found.set(JSON.stringify(link).toLowerCase(), link)
    if (found.size === mostLinks) break
  }
  return [...found.values()]
}

/** Address of GitHub's pages from the address of its API (and from itself), without a slash at the end. */
export function webUrl(baseUrl: string): string {
  const url = new URL(baseUrl)
  if (url.hostname === 'api.github.com') return 'https://github.com'
  // Enterprise Cloud with data residency: api.acme.ghe.com and acme.ghe.com
  if (/^api\.[\w-]+\.ghe\.com$/.test(url.hostname)) url.hostname = url.hostname.slice('api.'.length)
  return `${url.origin}${url.pathname.replace(/\/api\/v3\/?$/, '').replace(/(?<!\/)\/+$/, '')}`
}

function readLink(candidate: string, web: string): RunLink | null {
  const url = URL.parse(candidate)
  const base = new URL(web)
  if (url === null || url.host !== base.host || url.username !== '' || !url.pathname.startsWith(base.pathname))
    return null
  const [owner, name, actions, runs, runId, kind, id] = url.pathname
    .slice(base.pathname.replace(/\/$/, '').length)
    .split('/')
    .filter((part) => part !== '')
  if (actions !== 'actions' || runs !== 'runs' || !isName(owner) || !isName(name)) return null
  const run = readId(runId)
  if (run === null) return null
  return {
    repository: `${owner}/${name}`,
    runId: run,
    attempt: kind === 'attempts' ? readId(id) : null,
    // `…/jobs/7` is an older form whose number is not the job's id.
    jobId: kind === 'job' ? readId(id) : null,
  }
}

function isName(part: string | undefined): part is string {
  return part !== undefined && /^[\w.-]{1,100}$/.test(part) && !/^\.+$/.test(part)
}

/** Digits at the start: text right behind a link ("…/runs/12, please") is not part of it. */
function readId(part: string | undefined): number | null {
  const id = Number(/^\d{1,16}/.exec(part ?? '')?.[0])
  return Number.isSafeInteger(id) && id > 0 ? id : null
}
