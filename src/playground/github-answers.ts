import type { LocalCode } from './github-code.ts'
import type { Deeds } from './github-deeds.ts'
import type { LocalPackages } from './github-packages.ts'
import type { LocalPeople } from './github-people.ts'
import type { Addresses } from './github-repository.ts'
import type { LocalAttempt, LocalRun, StoredKind, World } from './github-world.ts'

export type ApiRequest = {
  method: string
  path: string
  query: URLSearchParams
  ifNoneMatch: string | null
  /** parsed JSON body; null when there is none */
  sent: unknown
  who: Asker
}
/** Whose token came with the request. */
export type Asker = { kind: 'bot' } | { kind: 'packages' } | { kind: 'user'; login: string }
export type ApiAnswer = { status: number; headers: Record<string, string>; body: unknown }

export type Scene = {
  world: World
  code: LocalCode
  people: LocalPeople
  packages: LocalPackages
  deeds: Deeds
  at: Addresses
  now: () => Date
  fileLink: (kind: StoredKind, id: number) => string
  /** tells those who listen to webhooks */
  tellQueued: (run: LocalRun, attempt: LocalAttempt) => void
}
/** `params`: the groups of `path`, decoded */
export type Route = {
  method?: 'POST' | 'PATCH' | 'DELETE'
  /** whose token will do; default: the bot's */
  tokens?: Asker['kind'][]
  path: RegExp
  answer: (params: string[], request: ApiRequest, scene: Scene) => ApiAnswer
}

/** An error in GitHub's form. */
export function refusal(status: number, message: string): ApiAnswer {
  return {
    status,
    headers: {},
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
  }
}

export function ok(body: unknown): ApiAnswer {
  return { status: 200, headers: {}, body }
}

/** The part of a list that was asked for, with links to the pages around it. */
export function page<T>(
  all: T[],
  { path, query }: ApiRequest,
  at: Addresses,
): { items: T[]; headers: Record<string, string> } {
  const size = Math.min(Number(query.get('per_page') ?? 30), 100)
  const number = Number(query.get('page') ?? 1)
  const last = Math.max(1, Math.ceil(all.length / size))
  const items = all.slice((number - 1) * size, number * size)
  const link = (rel: string, to: number) => {
    const params = new URLSearchParams(query)
    params.set('page', String(to))
    return `<${at.api}${path}?${params}>; rel="${rel}"`
  }
  const links = [
    ...(number > 1 ? [link('prev', number - 1), link('first', 1)] : []),
    ...(number < last ? [link('next', number + 1), link('last', last)] : []),
  ]
  return { items, headers: links.length > 0 ? { link: links.join(', ') } : {} }
}
