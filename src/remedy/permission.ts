import { isWithin } from './hours.ts'
import { matches } from './pattern.ts'
import type { Permission, PermissionRefusal, Policy, Right, Role, SlackPerson } from './policy.ts'
import { type Access, hasAccess, type Operation, remedies } from './remedy.ts'

/** Somebody wants to do something somewhere, now. */
export type Asked = {
  policy: Policy
  operation: Operation
  person: SlackPerson
  /** who they are at GitHub; null: they have not said */
  link: { login: string; id: number } | null
  /** what GitHub lets them do in the repository at this moment */
  access: Access
  repository: string
  /** name with its `#`; null where only the id is known */
  channel: { id: string; name: string | null }
  now: Date
}

/** May they ask for this remedy? Both must say yes: the team's roles and GitHub. */
export function mayAsk(asked: Asked): Permission {
  return may(asked, remedies[asked.operation].kind)
}

/** May they agree to, or reject, what somebody else asked for? */
export function mayApprove(asked: Asked): Permission {
  return may(asked, 'approve')
}

/** May they hold everything up, or let it run? That is of no repository, so only the roles are asked. */
export function mayAdmin({ policy, person, link, now }: Pick<Asked, 'policy' | 'person' | 'link' | 'now'>): Permission {
  const untrusted = distrusted(person)
  if (untrusted) return untrusted
  const roles = rolesOf(policy, person, link, 'admin')
  if (roles.length === 0) return noRole(policy, 'admin')
  return roles.some((role) => inHours(role, now)) ? allowed : refuse('not-at-this-hour', hoursWords)
}

function may(asked: Asked, right: Right): Permission {
  const { policy, person, link, repository, channel, now } = asked
  const untrusted = distrusted(person)
  if (untrusted) return untrusted
  const roles = rolesOf(policy, person, link, right)
  if (roles.length === 0) return noRole(policy, right)
  const here = roles.filter((role) => role.repositories.some((pattern) => matches(pattern, repository)))
  if (here.length === 0)
    return refuse(
      'not-this-repository',
      `Your role does not reach ${repository}. Whoever runs me can add it under remedies.roles in the configuration.`,
    )
  const inChannel = here.filter((role) => isChannel(role, channel))
  if (inChannel.length === 0)
    return refuse('not-this-channel', `Your role does not hold in this channel, but in ${channelsOf(here)}.`)
  if (!inChannel.some((role) => inHours(role, now))) return refuse('not-at-this-hour', hoursWords)
  if (link === null)
    return refuse('not-linked', 'I do not know who you are at GitHub. Tell me with /cache link, then press again.')
  const needs = remedies[asked.operation].access
  if (hasAccess(asked.access, needs)) return allowed
  return refuse(
    'no-access-at-github',
    `Your GitHub account ${link.login} has ${accessWords[asked.access]} ${repository}; this needs ${needs} access.`,
  )
}

const allowed: Permission = { kind: 'allowed' }

function refuse(because: PermissionRefusal, words: string): Permission {
  return { kind: 'refused', because, words }
}

/** Those whom nobody gives rights to by accident: not even `*` means them. */
function distrusted({ bot, deleted, guest, stranger }: SlackPerson): Permission | null {
  if (bot) return refuse('bot', 'Bots and workflows may not do this, only people.')
  if (deleted) return refuse('deactivated', 'This Slack account is deactivated.')
  if (guest) return refuse('guest', 'Guests of this workspace may not do this. Ask one of its members.')
  if (stranger) return refuse('stranger', 'People of other workspaces may not do this. Ask somebody of this one.')
  return null
}

/** A login counts only once it is linked, and `*` is whoever GitHub lets. */
function rolesOf({ roles }: Policy, person: SlackPerson, link: Asked['link'], right: Right): Role[] {
  const names = ['*', person.id, ...(link ? [`github:${link.login}`.toLowerCase()] : [])]
  const isOne = (name: string) => names.includes(name.startsWith('github:') ? name.toLowerCase() : name)
  return roles.filter((role) => role.may.includes(right) && role.people.some(isOne))
}

function noRole({ roles }: Policy, right: Right): Permission {
  const whose =
    roles.length === 0
      ? 'Nobody may do this yet: no role is configured.'
      : `No role of yours allows this (${right}). If your role goes by your GitHub login, /cache link tells me who you are.`
  return refuse('no-role', `${whose} Whoever runs me can add you under remedies.roles in the configuration.`)
}

function isChannel({ channels }: Role, { id, name }: Asked['channel']): boolean {
  return channels === null || channels.includes(id) || (name !== null && channels.includes(name))
}

function channelsOf(roles: Role[]): string {
  const names = [...new Set(roles.flatMap(({ channels }) => channels ?? []))]
  return names.length === 0 ? 'none' : names.join(', ')
}

function inHours({ hours }: Role, now: Date): boolean {
  return hours === null || isWithin(hours, now)
}

const hoursWords = 'Your role does not hold at this hour. Somebody with a role that does can do it.'

const accessWords: Record<Access, string> = {
  none: 'no access to',
  read: 'read access to',
  triage: 'triage access to',
  write: 'write access to',
  maintain: 'maintain access to',
  admin: 'admin access to',
}
