import { z } from 'zod'
import { planSchema } from './plan.ts'

/**
 * Somebody wants a plan carried out. `pending` until enough others agreed, one refused, the time is over or the
 * requester took it back; exactly one of these happens, once. Stored whole as JSON; times are ISO 8601 in UTC.
 */

/** Who clicked, by both names. */
export const personSchema = z.strictObject({
  /** Slack's id */
  slack: z.string(),
  /** login at GitHub */
  github: z.string(),
  githubId: z.int(),
})
export type Person = z.infer<typeof personSchema>

export const voteKinds = ['approve', 'reject', 'cancel'] as const
export type VoteKind = (typeof voteKinds)[number]

const voteSchema = z.strictObject({
  person: personSchema,
  vote: z.enum(voteKinds),
  at: z.iso.datetime(),
  /** names the click, so that one which is told twice counts once */
  click: z.string().optional(),
})

export const requestStates = ['pending', 'approved', 'rejected', 'expired', 'cancelled'] as const
export type RequestState = (typeof requestStates)[number]

/** Where it is told and asked. */
export const requestPlaceSchema = z.strictObject({
  channel: z.string(),
  /** the message in whose thread it stands; null: a message of its own in the channel */
  threadTs: z.string().nullable(),
  /** the failure that it is meant to mend; null when somebody asked by a command */
  storyId: z.string().nullable(),
})
export type RequestPlace = z.infer<typeof requestPlaceSchema>

export const requestSchema = z.strictObject({
  id: z.string(),
  place: requestPlaceSchema,
  plan: planSchema,
  /** of the plan; what people agree to is this and nothing else */
  planHash: z.string(),
  requester: personSchema,
  /** how many others have to agree; 0: it runs at once */
  needed: z.int().nonnegative(),
  /** the requester's own word counts: only where the configuration says that there is one admin */
  ownCounts: z.boolean(),
  state: z.enum(requestStates),
  votes: z.array(voteSchema),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** when it left `pending` */
  decidedAt: z.iso.datetime().nullable(),
})
export type Request = z.infer<typeof requestSchema>

export type Click = {
  person: Person
  vote: VoteKind
  /** of the plan that the button stood under */
  planHash: string
  /** names this click among all; a task that was cut off tells it again */
  id?: string
}

/** What a click or the clock did to a request; `state` and votes of `request` are those after it. */
export type Decision =
  | { kind: 'counted'; request: Request }
  | { kind: 'decided'; request: Request }
  | { kind: 'refused'; request: Request; because: DecisionRefusal }

export type DecisionRefusal =
  | 'already-decided'
  | 'expired'
  | 'own-request'
  | 'counted-before'
  | 'not-yours-to-cancel'
  | 'other-plan'

/** The request as it begins; one that needs nobody is approved at once. */
export function openRequest(
  asked: Pick<Request, 'id' | 'place' | 'plan' | 'planHash' | 'requester' | 'needed' | 'ownCounts' | 'expiresAt'>,
  now: Date,
): Request {
  const at = now.toISOString()
  const decided = asked.needed === 0
  return { ...asked, state: decided ? 'approved' : 'pending', votes: [], createdAt: at, decidedAt: decided ? at : null }
}

/** What this click does; told again it does nothing, and is answered as it was. Whoever decides keeps it in one transaction with the audit row. */
export function decide(request: Request, { person, vote, planHash, id }: Click, now: Date): Decision {
  if (id !== undefined && request.votes.some(({ click }) => click === id))
    return { kind: request.state === 'pending' ? 'counted' : 'decided', request }
  const refused = (because: DecisionRefusal): Decision => ({ kind: 'refused', request, because })
  if (request.state === 'expired') return refused('expired')
  if (request.state !== 'pending') return refused('already-decided')
  if (isDue(request, now)) return refused('expired')
  if (planHash !== request.planHash) return refused('other-plan')
  const own = samePerson(person, request.requester)
  if (vote === 'cancel' && !own) return refused('not-yours-to-cancel')
  if (vote === 'approve' && own && !request.ownCounts) return refused('own-request')
  if (vote === 'approve' && request.votes.some((each) => samePerson(each.person, person)))
    return refused('counted-before')
  const at = now.toISOString()
  const voted = { ...request, votes: [...request.votes, { person, vote, at, ...(id !== undefined && { click: id }) }] }
  if (vote !== 'approve')
    return {
      kind: 'decided',
      request: { ...voted, state: vote === 'reject' ? 'rejected' : 'cancelled', decidedAt: at },
    }
  if (approvalsOf(voted) < request.needed) return { kind: 'counted', request: voted }
  return { kind: 'decided', request: { ...voted, state: 'approved', decidedAt: at } }
}

/** The request after its time is over; itself when it is decided or the time is not over yet. */
export function expire(request: Request, now: Date): Request {
  return request.state === 'pending' && isDue(request, now)
    ? { ...request, state: 'expired', decidedAt: now.toISOString() }
    : request
}

/** How many people agreed, each counted once whichever of their accounts they used. */
export function approvalsOf({ votes }: Pick<Request, 'votes'>): number {
  const people = votes.filter(({ vote }) => vote === 'approve').map(({ person }) => person)
  return people.filter((person, at) => people.findIndex((other) => samePerson(other, person)) === at).length
}

/** Two Slack accounts with one GitHub login are one person, and so are two logins of one Slack account. */
export function samePerson(one: Person, other: Person): boolean {
  return one.slack === other.slack || one.githubId === other.githubId
}

function isDue({ expiresAt }: Request, now: Date): boolean {
  return now.getTime() >= Date.parse(expiresAt)
}
