import { z } from 'zod'
import { githubId } from '../alert/from-run.ts'
import { type Access, accessLevels } from '../remedy/remedy.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { GithubFault } from './fault.ts'

/** What GitHub lets a person do in a repository, from whatever grant. */
export type PersonAccess = {
  access: Access
  /** as GitHub writes it */
  login: string
  /** of the account; null when GitHub shows none to us */
  id: number | null
}

/** Asks what a person may do in a repository now. Needs *Metadata: read*. */
export function personAccess(
  client: GithubClient,
): (wanted: { repository: string; login: string }) => Promise<PersonAccess> {
  return async ({ repository, login }) => {
    const doing = `Asking what ${login} may do in ${repository}`
    const question = { repository, doing, needs: 'Metadata: read', schema: permissionSchema } as const
    const none: PersonAccess = { access: 'none', login, id: null }
    const found = await unlessMissing(
      ask(client, question, async ({ rest }, place) => {
        return (await rest.repos.getCollaboratorPermissionLevel({ ...place, username: login })).data
      }),
    )
    return found === null ? none : { ...none, ...found }
  }
}

/**
 * The login that an account bears now: people rename themselves, and others take the name they left. Null when the
 * account is gone, or suspended (Enterprise Server tells).
 */
export function personById(client: GithubClient): (repository: string, id: number) => Promise<string | null> {
  return async (repository, id) => {
    const doing = `Looking up the GitHub account ${id}`
    const question = { repository, doing, needs: 'Metadata: read', schema: accountSchema } as const
    const account = await unlessMissing(
      ask(client, question, async ({ rest }) => (await rest.users.getById({ account_id: id })).data),
    )
    // What GitHub says about another account than the one we asked for is worth nothing.
    return account !== null && account.id === id && account.suspended_at == null ? account.login : null
  }
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof GithubFault && error.status === 404) return null
    throw error
  }
}

const login = z.string().min(1).max(200)
const accountSchema = z.object({ login, id: githubId, suspended_at: z.string().nullish() })

/** `permission` knows four levels; `role_name` tells the finer ones, or is a role of the organisation's own. */
const permissionSchema = z
  .object({
    permission: z.enum(accessLevels),
    role_name: z.string().max(200).nullish(),
    user: z.object({ login, id: githubId }).nullable(),
  })
  .transform(({ permission, role_name, user }) => ({
    access: role_name === finer[permission] ? (finer[permission] ?? permission) : permission,
    ...(user !== null && { login: user.login, id: user.id }),
  }))

const finer: Partial<Record<Access, Access>> = { write: 'maintain', read: 'triage' }
