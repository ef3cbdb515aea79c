import type { ApiCall, ApiResult } from './slack-front.ts'

/** Somebody in the local Slack, as `users.info` tells of them. */
export type LocalPerson = {
  id: string
  name: string
  teamId: string
  /** a guest of the workspace */
  guest?: boolean
  /** of another workspace, here by a shared channel */
  stranger?: boolean
  bot?: boolean
  deleted?: boolean
}

export const team = { id: 'T000000001', domain: 'local' }

/** Who sits at the keyboard unless a test says otherwise. */
export const person: LocalPerson = { id: 'U0PERSON01', name: 'admin', teamId: team.id }

/** Everybody there is, by id. A test may change them: people leave, or become guests. */
export function localPeople(): Map<string, LocalPerson> {
  const all: LocalPerson[] = [
    { ...person },
    { id: 'U0PERSON02', name: 'second', teamId: team.id },
    { id: 'U0PERSON03', name: 'third', teamId: team.id },
    { id: 'U0GUEST0001', name: 'guest', teamId: team.id, guest: true },
    { id: 'U0STRANGER1', name: 'stranger', teamId: 'T0ELSEWHERE', stranger: true },
    { id: 'U0BOT000001', name: 'robot', teamId: team.id, bot: true },
  ]
  return new Map(all.map((each) => [each.id, each]))
}

/** The answer to `users.info`. */
export function tellPerson({ args }: ApiCall, people: Map<string, LocalPerson>, scopes: string[]): ApiResult {
  if (!scopes.includes('users:read')) return { ok: false, error: 'missing_scope', needed: 'users:read' }
  const found = people.get(String(args.user))
  if (!found) return { ok: false, error: 'user_not_found' }
  const { id, name, teamId, guest = false, stranger = false, bot = false, deleted = false } = found
  const role = deleted ? {} : { is_admin: false, is_restricted: guest, is_ultra_restricted: false }
  const user = { id, team_id: teamId, name, real_name: name, deleted, is_bot: bot, is_stranger: stranger, ...role }
  return { ok: true, user: { ...user, profile: { real_name: name } } }
}
