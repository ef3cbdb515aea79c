import type { Access } from '../remedy/remedy.ts'
import { numberFrom } from './github-world.ts'

/** Who has an account at our local GitHub, and what they may do where. */
export type LocalPerson = {
  login: string
  id: number
  /** by `owner/name`; `*` for every other repository */
  access: Record<string, Access>
  /** a role of the organisation's own, which is shown in the place of the access that it is based on */
  customRole: string | null
  suspended: boolean
}

export type LocalPeople = {
  find(login: string): LocalPerson | null
  byId(id: number): LocalPerson | null
  accessOf(person: LocalPerson, repository: string): Access
  add(person: Partial<LocalPerson> & { login: string }): void
  setAccess(login: string, access: Access, repository?: string): void
  /** The account stays the same; its old name is free for others. */
  rename(login: string, to: string): void
  remove(login: string): void
}

export function localPeople(): LocalPeople {
  const people: LocalPerson[] = []
  const find = (login: string) => people.find((each) => each.login.toLowerCase() === login.toLowerCase()) ?? null
  const known = (login: string): LocalPerson => {
    const person = find(login)
    if (person === null) throw new Error(`local GitHub: nobody has the login ${login}`)
    return person
  }
  const local: LocalPeople = {
    find,
    byId: (id) => people.find((each) => each.id === id) ?? null,
    accessOf: ({ access }, repository) => access[repository.toLowerCase()] ?? access['*'] ?? 'none',
    add({ login, ...more }) {
      if (find(login)) throw new Error(`local GitHub: somebody has the login ${login}`)
      people.push({ login, id: numberFrom(login), access: {}, customRole: null, suspended: false, ...more })
    },
    setAccess(login, access, repository = '*') {
      known(login).access[repository.toLowerCase()] = access
    },
    rename(login, to) {
      if (find(to)) throw new Error(`local GitHub: somebody has the login ${to}`)
      known(login).login = to
    },
    remove(login) {
      people.splice(people.indexOf(known(login)), 1)
    },
  }
  local.add({ login: 'octo-admin', id: 1, access: { '*': 'admin' } })
  local.add({ login: 'octo-second', id: 2, access: { '*': 'write' } })
  local.add({ login: 'octo-reader', id: 3, access: { '*': 'read' } })
  return local
}
