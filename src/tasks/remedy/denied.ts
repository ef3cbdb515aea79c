import type { Permission } from '../../remedy/policy.ts'
import type { Clicker } from './who.ts'
import type { RemedyWorld } from './world.ts'

export type Refused = Extract<Permission, { kind: 'refused' }>

/** Writes down who wanted what they may not. */
export async function denied(
  { store, now }: RemedyWorld,
  { slack, link }: Clicker,
  { repository, what }: { repository: string | null; what: string },
  refused: Refused,
): Promise<Refused> {
  await store.audit.append({
    at: now().toISOString(),
    kind: 'denied',
    slackId: slack.id,
    githubLogin: link?.login ?? null,
    repository,
    what,
    requestId: null,
    planHash: null,
    reason: refused.because,
    result: null,
    link: null,
  })
  return refused
}
