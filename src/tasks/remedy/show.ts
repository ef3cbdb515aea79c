import type { Request } from '../../remedy/request.ts'
import { planChecklist } from '../../thread/checklist.ts'
import { rowsShown } from '../../thread/preview.ts'
import { fullList, planRequest } from '../../thread/request.ts'
import type { WantedMessage } from '../../thread/wanted.ts'
import type { Checklist } from '../../verdict/checklist.ts'
import { hashOf } from '../show-story.ts'
import type { Step } from '../turn.ts'
import type { RemedyWorld } from './world.ts'

/** What showing needs beside a remedy's world. */
export type ShowWorld = {
  /** the failure's own messages, which say what was asked about it */
  showStory(id: string, step: Step): Promise<void>
}

/** Brings a request's message up to date, and that of the failure it is about. */
export async function showRequest(world: RemedyWorld & ShowWorld, id: string, step: Step): Promise<void> {
  await showUntilStill(world, step, async () => {
    const request = await world.store.requests.get(id)
    if (request === null) return null
    const execution = await world.store.executions.get(id)
    const ids = request.state === 'pending' ? await buttonsOf(world, request) : null
    const { dryRun } = await world.store.switches.get()
    return {
      message: planRequest(request, { execution, ids, dryRun, githubUrl: world.githubUrl }),
      place: request.place,
    }
  })
  const request = await world.store.requests.get(id)
  if (request === null) return
  const { plan } = request
  const list = 'entries' in plan && plan.entries.length > rowsShown ? fullList(plan) : null
  if (list !== null && request.state === 'pending') await step('share the list', () => shareList(world, request, list))
  if (request.place.storyId !== null) await world.showStory(request.place.storyId, step)
}

/** Brings a checklist's message up to date. */
export async function showChecklist(world: RemedyWorld, id: string, step: Step): Promise<void> {
  await showUntilStill(world, step, async () => {
    const checklist = await world.store.checklists.get(id)
    if (checklist === null) return null
    const { channel, threadTs } = checklist
    return { message: planChecklist(checklist, await answersOf(world, checklist)), place: { channel, threadTs } }
  })
}

type Shown = { message: WantedMessage; place: { channel: string; threadTs: string | null } }

/** Another task may have moved it on while we showed it: until what stands is what is true. */
async function showUntilStill({ poster }: RemedyWorld, step: Step, wanted: () => Promise<Shown | null>): Promise<void> {
  for (let round = 0, shown = ''; ; round++) {
    const now = await wanted()
    if (now === null) return
    const hash = hashOf(now.message)
    if (hash === shown) return
    shown = hash
    await step(`show ${now.message.tag} as ${hash} in round ${round}`, async () => {
      await poster.deliver(now.message, now.place)
      return null
    })
  }
}

async function buttonsOf({ store, now }: RemedyWorld, { id: requestId, planHash }: Request) {
  const idOf = (vote: 'approve' | 'reject' | 'cancel') =>
    store.buttons.idFor(`request:${requestId}:${vote}`, { do: 'decide', requestId, planHash, vote }, now())
  return { approveId: await idOf('approve'), rejectId: await idOf('reject'), cancelId: await idOf('cancel') }
}

async function answersOf({ store, now }: RemedyWorld, { id: checklistId, items, state }: Checklist) {
  if (state === 'closed') return []
  const idOf = (item: number, answer: 'passed' | 'failed' | 'skipped') =>
    store.buttons.idFor(`check:${checklistId}:${item}:${answer}`, { do: 'check', checklistId, item, answer }, now())
  return Promise.all(
    items.map(async (_, item) => ({
      item,
      passedId: await idOf(item, 'passed'),
      failedId: await idOf(item, 'failed'),
      skippedId: await idOf(item, 'skipped'),
    })),
  )
}

/** A message cannot hold a thousand entries; a file in its thread can. Once, as Slack takes no second one for the first. */
async function shareList(
  world: RemedyWorld,
  { id, place }: Request,
  list: { name: string; text: string },
): Promise<null> {
  const standing = await world.store.messages.get(`request:${id}`)
  if (standing === null || !(await world.store.seen.firstTime(`list:${id}`, world.now()))) return null
  const threadTs = place.threadTs ?? (await threadOfStory(world, place.storyId)) ?? standing.ts
  await world.share({ name: list.name, bytes: Buffer.from(list.text) }, { channel: standing.channel, threadTs })
  return null
}

async function threadOfStory({ store }: RemedyWorld, storyId: string | null): Promise<string | null> {
  return storyId === null ? null : ((await store.messages.get(`story:${storyId}`))?.ts ?? null)
}
