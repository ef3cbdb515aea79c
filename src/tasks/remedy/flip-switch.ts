import { mayAdmin } from '../../remedy/permission.ts'
import { SlackRefused } from '../../slack/failure.ts'
import { type SwitchAsk, switchAskSchema } from '../../slack/remedy-ask.ts'
import type { SwitchState } from '../../store/switches.ts'
import { type Notice, planNotice } from '../../thread/notices.ts'
import { sayPermission, sayRemedyGaveUp } from '../../thread/remedy-wording.ts'
import type { Task } from '../turn.ts'
import { denied, type Refused } from './denied.ts'
import { tellAlone } from './tell-alone.ts'
import { whoIs } from './who.ts'
import type { RemedyWorld } from './world.ts'

/** An admin pauses all remedies or lets them run again, or turns the dry run on or off. */
export function flipSwitchTask(world: RemedyWorld): Task<SwitchAsk> {
  return {
    name: 'flip-switch',
    schema: switchAskSchema,
    async perform(ask, step) {
      const refused = await step('may they', () => refusal(world, ask))
      if (refused !== null) return await step('answer', () => tellAlone(world, ask.responseUrl, sayPermission(refused)))
      const before = await step('before', () => world.store.switches.get())
      await step('flip', () => turn(world, ask))
      await step('answer', () => tell(world, ask, noticeOf(ask, before, world.now())))
    },
    gaveUp: (ask, error) => tellAlone(world, ask.responseUrl, sayRemedyGaveUp(error)),
  }
}

async function refusal(world: RemedyWorld, { askedBy, teamId, flip }: SwitchAsk): Promise<Refused | null> {
  const clicker = await whoIs(world, { id: askedBy, teamId })
  const { slack: person, link } = clicker
  const may = mayAdmin({ policy: world.policy, person, link, now: world.now() })
  return may.kind === 'refused' ? denied(world, clicker, { repository: null, what: flip }, may) : null
}

function turn({ store: { switches }, now }: RemedyWorld, { flip, askedBy }: SwitchAsk): Promise<SwitchState> {
  switch (flip) {
    case 'pause':
      return switches.pause(askedBy, now())
    case 'resume':
      return switches.resume(askedBy, now())
    case 'dry-run-on':
    case 'dry-run-off':
      return switches.setDryRun(flip === 'dry-run-on', askedBy, now())
    default:
      return flip satisfies never
  }
}

function noticeOf({ flip, askedBy: by }: SwitchAsk, { paused, dryRun }: SwitchState, now: Date): Notice {
  const at = now.toISOString()
  switch (flip) {
    case 'pause':
      return paused ? { kind: 'paused-already', ...paused } : { kind: 'paused', by, at }
    case 'resume':
      return paused ? { kind: 'resumed', by, at } : { kind: 'resumed-already' }
    case 'dry-run-on':
      return dryRun ? { kind: 'dry-run-on-already' } : { kind: flip, by, at }
    case 'dry-run-off':
      return dryRun ? { kind: flip, by, at } : { kind: 'dry-run-off-already' }
    default:
      return flip satisfies never
  }
}

/** What changes for everybody is said to everybody; that nothing changed, to who asked. */
async function tell({ poster, respond }: RemedyWorld, ask: SwitchAsk, notice: Notice): Promise<null> {
  const said = planNotice(notice)
  if (!('by' in notice) || notice.kind === 'paused-already') {
    await respond(ask.responseUrl, said)
    return null
  }
  try {
    await poster.deliver({ tag: `switch:${ask.flip}:${notice.at}`, parent: null, ...said }, { channel: ask.channel })
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error
    await respond(ask.responseUrl, said)
  }
  return null
}
