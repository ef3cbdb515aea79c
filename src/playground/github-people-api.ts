import type { Access } from '../remedy/remedy.ts'
import { type ApiAnswer, ok, type Route, refusal, type Scene } from './github-answers.ts'
import type { LocalPerson } from './github-people.ts'
import { type Addresses, userPayload } from './github-repository.ts'

export const peopleRoutes: Route[] = [
  {
    path: /^\/repos\/([^/]+\/[^/]+)\/collaborators\/([^/]+)\/permission$/,
    answer: ([name = '', login = ''], _, scene) => showPermission(name, login, scene),
  },
  {
    path: /^\/user\/(\d+)$/,
    answer: ([id], _, { people, at }) => {
      const person = people.byId(Number(id))
      return person ? ok(accountPayload(person, at)) : refusal(404, 'Not Found')
    },
  },
  {
    path: /^\/user$/,
    tokens: ['user'],
    answer: (_, { who }, { people, at }) => {
      const person = who.kind === 'user' ? people.find(who.login) : null
      return person ? ok(accountPayload(person, at)) : refusal(401, 'Bad credentials')
    },
  },
  {
    path: /^\/users\/([^/]+)$/,
    tokens: ['bot', 'packages'],
    answer: ([login = ''], _, scene) => showAccount(login, scene),
  },
]

/** GitHub's older words know four levels. */
const legacy: Record<Access, string> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
}

function showPermission(repository: string, login: string, { people, at }: Scene): ApiAnswer {
  const person = people.find(login)
  if (person === null) return refusal(404, `${login} is not a user`)
  const access = people.accessOf(person, repository)
  const role_name = access === 'none' ? '' : (person.customRole ?? access)
  const user = { ...userPayload(person.login, 'User', at), id: person.id, role_name }
  return ok({ permission: legacy[access], role_name, user })
}

function showAccount(login: string, { people, packages, at }: Scene): ApiAnswer {
  const person = people.find(login)
  if (person) return ok(accountPayload(person, at))
  const kind = packages.kindOf(login)
  return kind === null ? refusal(404, 'Not Found') : ok(profile(userPayload(login, kind, at)))
}

function accountPayload(person: LocalPerson, at: Addresses): Record<string, unknown> {
  const account = { ...userPayload(person.login, 'User', at), id: person.id }
  // Only Enterprise Server tells, and only of those who are.
  return profile(person.suspended ? { ...account, suspended_at: '2026-01-01T00:00:00Z' } : account)
}

function profile(account: Record<string, unknown>): Record<string, unknown> {
  const nothing = { name: null, company: null, blog: null, location: null, email: null, hireable: null, bio: null }
  const counts = { public_repos: 0, public_gists: 0, followers: 0, following: 0 }
  const times = { created_at: '2024-03-01T08:00:00Z', updated_at: '2024-03-01T08:00:00Z' }
  return { ...account, user_view_type: 'public', ...nothing, ...counts, ...times }
}
