import { type Offer, offersFor } from '../../remedy/offer.ts'
import { canonical } from '../../remedy/plan.ts'
import type { Policy } from '../../remedy/policy.ts'
import type { Store } from '../../store/store.ts'
import type { OfferShown, RemediesShown } from '../../thread/offers.ts'
import { leadCause, type Story } from '../../thread/story.ts'
import type { VerdictShown } from '../../thread/verdict-wording.ts'
import type { Checklist } from '../../verdict/checklist.ts'

/** What showing remedies under a failure needs. */
export type OfferWorld = {
  store: Pick<Store, 'requests' | 'executions' | 'buttons' | 'switches' | 'checklists'>
  policy: Policy
  /** by id of a cause; null: no such row */
  titleOf(causeId: string): string | null
  now(): Date
}

/** What may be done about a failure now, what was asked for, and whether it helped. */
export async function remediesShown(world: OfferWorld, story: Story): Promise<RemediesShown> {
  const { store } = world
  const [requests, executions, checklists] = await Promise.all([
    store.requests.ofStory(story.id),
    store.executions.ofStory(story.id),
    store.checklists.ofStory(story.id),
  ])
  const { paused } = await store.switches.get()
  const byRequest = new Map(executions.map((execution) => [execution.requestId, execution]))
  return {
    offers: await offers(world, story),
    asked: requests.map((request) => ({ request, execution: byRequest.get(request.id) ?? null })).reverse(),
    paused,
    verdicts: checklists.toReversed().flatMap((checklist) => verdictShown(world, checklist)),
  }
}

/** Where no role is configured nobody could press: then nothing is offered. */
async function offers(world: OfferWorld, story: Story): Promise<OfferShown[]> {
  const { policy, store, now } = world
  if (story.state === 'fixed' || policy.roles.length === 0) return []
  const { diagnosis, branch, repository, id: storyId, runId, attempt } = story
  const builders = policy.builders.filter((each) => each.repository.toLowerCase() === repository.toLowerCase())
  const shown = offersFor({ diagnosis, branch, builders }).map(async ({ offered: offer, ...rest }: Offer) => {
    const key = `offer:${storyId}:${runId}.${attempt}:${canonical(offer)}`
    return { ...rest, buttonId: await store.buttons.idFor(key, { do: 'ask', storyId, runId, attempt, offer }, now()) }
  })
  return Promise.all(shown)
}

function verdictShown({ titleOf }: OfferWorld, { verdict, operation }: Checklist): VerdictShown[] {
  if (verdict === null) return []
  return [{ verdict, operation, causeTitle: verdict.causeId === null ? null : titleOf(verdict.causeId) }]
}

/** Ids of the thumbs under a diagnosis; null while there is no cause to judge. */
export async function thumbsOf({ store, now }: Pick<OfferWorld, 'store' | 'now'>, story: Story) {
  const causeId = leadCause(story.diagnosis)?.id ?? null
  if (causeId === null) return null
  const { repository, runId, attempt } = story
  const diagnosis = `${repository}/${runId}/${attempt}`
  const idOf = (right: boolean) =>
    store.buttons.idFor(`judge:${diagnosis}:${causeId}:${right}`, { do: 'judge', causeId, diagnosis, right }, now())
  return { upId: await idOf(true), downId: await idOf(false) }
}
