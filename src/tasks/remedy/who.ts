import { mayApprove, mayAsk } from '../../remedy/permission.ts'
import type { Permission, SlackPerson } from '../../remedy/policy.ts'
import type { Access, Operation } from '../../remedy/remedy.ts'
import type { Person } from '../../remedy/request.ts'
import type { RemedyWorld } from './world.ts'

/** Somebody in Slack, and who that is at GitHub if they have linked their account. */
export type Clicker = { slack: SlackPerson; link: { login: string; id: number } | null }

/** Asked anew at every click: a person may have left, or become a guest. */
export async function whoIs(world: RemedyWorld, user: { id: string; teamId: string | null }): Promise<Clicker> {
  const slack = await world.people(user.id, user.teamId)
  const link = await world.store.links.of(user.id)
  return { slack, link: link && { login: link.githubLogin, id: link.githubId } }
}

export type Wish = {
  as: 'ask' | 'approve'
  operation: Operation
  repository: string
  channel: { id: string; name: string | null }
}

/** May they? `person` is who they are by both names, once they may. */
export type Allowed = { kind: 'allowed'; person: Person } | Extract<Permission, { kind: 'refused' }>

/** Asks GitHub what the person may do in that repository now, then the team's rules. */
export async function allowed(world: RemedyWorld, clicker: Clicker, wish: Wish): Promise<Allowed> {
  const { slack, link } = clicker
  const { access, login } = link === null ? noAccess : await accessOf(world, link, wish.repository)
  const may = wish.as === 'ask' ? mayAsk : mayApprove
  const known = link && { ...link, login: login ?? link.login }
  const { operation, repository, channel } = wish
  const permission = may({
    ...{ policy: world.policy, operation, person: slack, link: known, access, repository, channel, now: world.now() },
  })
  if (permission.kind === 'refused') return permission
  if (known === null) throw new Error('somebody without a GitHub account was let through')
  return { kind: 'allowed', person: { slack: slack.id, github: known.login, githubId: known.id } }
}

const noAccess = { access: 'none', login: null } as const

/** By the account's number: a login can be renamed, and then taken by somebody else. */
async function accessOf(
  { github }: RemedyWorld,
  { id }: { id: number },
  repository: string,
): Promise<{ access: Access; login: string | null }> {
  const login = await github.personById(repository, id)
  if (login === null) return noAccess
  const { access, id: asked } = await github.personAccess({ repository, login })
  return asked === id ? { access, login } : noAccess
}
