import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { SlackPerson } from '../remedy/policy.ts'
import { platformError, SlackUnavailable, slackFailure } from './failure.ts'

/** Says who somebody is, as far as trust goes. `teamId`: their workspace as the click or command told it; null: not told. */
export type People = (userId: string, teamId?: string | null) => Promise<SlackPerson>

const userSchema = z.object({
  id: z.string(),
  team_id: z.string().nullish(),
  deleted: z.boolean().default(false),
  is_bot: z.boolean().default(false),
  is_workflow_bot: z.boolean().default(false),
  is_stranger: z.boolean().default(false),
  is_restricted: z.boolean().nullish(),
  is_ultra_restricted: z.boolean().nullish(),
  /** in an organisation of several workspaces */
  enterprise_user: z.object({ enterprise_id: z.string().nullish() }).nullish(),
})
const ourselvesSchema = z.object({ team_id: z.string(), enterprise_id: z.string().nullish() })
type Ourselves = z.infer<typeof ourselvesSchema>

/**
 * Asked anew each time, as people leave and become guests. What Slack does not answer is thrown, and what it does not say
 * counts against them, so that nobody is trusted by default. Needs `users:read`.
 */
export function slackPeople(client: WebClient): People {
  let ours: Ourselves | null = null
  return async (userId, teamId = null) => {
    try {
      ours ??= ourselvesSchema.parse(await client.auth.test())
      const { user } = await client.users.info({ user: userId })
      const found = userSchema.parse(user)
      if (found.id !== userId) throw new Error('Slack told of somebody else')
      return trustOf(found, teamId, ours)
    } catch (error) {
      if (unseen.has(platformError(error) ?? '')) return nobody(userId)
      if (error instanceof z.ZodError)
        throw new SlackUnavailable('asking Slack who somebody is: it did not say', 0, { cause: error })
      throw slackFailure('asking Slack who somebody is', error)
    }
  }
}

/** Slack's words for somebody whom we may not see: of another workspace, or nobody at all. */
const unseen = new Set(['user_not_found', 'user_not_visible', 'users_not_found'])

function nobody(id: string): SlackPerson {
  return { id, bot: false, guest: false, stranger: true, deleted: false }
}

function trustOf(user: z.infer<typeof userSchema>, teamId: string | null, ours: Ourselves): SlackPerson {
  const { id, deleted } = user
  const isBot = user.is_bot || user.is_workflow_bot || id === 'USLACKBOT'
  // Of bots and of people who left Slack does not tell; of anybody else it does.
  const isGuest = user.is_restricted !== false || user.is_ultra_restricted !== false
  return {
    id,
    bot: isBot,
    guest: !isBot && !deleted && isGuest,
    stranger: user.is_stranger || !isOfOurs(user, ours) || !isOurTeam(teamId, user, ours),
    deleted,
  }
}

function isOfOurs({ team_id: team, enterprise_user: member }: z.infer<typeof userSchema>, ours: Ourselves): boolean {
  if (team === ours.team_id) return true
  const enterprise = ours.enterprise_id ?? null
  return enterprise !== null && (member?.enterprise_id === enterprise || team === enterprise)
}

/** The workspace that came with the click: ours, or in an organisation the one that Slack names of the person too. */
function isOurTeam(teamId: string | null, user: z.infer<typeof userSchema>, ours: Ourselves): boolean {
  return teamId === null || teamId === ours.team_id || (Boolean(ours.enterprise_id) && teamId === user.team_id)
}
