import type { Meaning } from '../../remedy/press.ts'
import { remedies } from '../../remedy/remedy.ts'
import { type Submission, submissionSchema } from '../../slack/forms.ts'
import type { Mrkdwn } from '../../thread/escape.ts'
import * as say from '../../thread/remedy-wording.ts'
import type { Step, Task } from '../turn.ts'
import { adviceOn } from './advice.ts'
import { answerCheck } from './answer-check.ts'
import { denied } from './denied.ts'
import { type AddAskRemedy, type AskRemedy, askRemedyKey } from './orders.ts'
import type { ShowWorld } from './show.ts'
import { tellAlone } from './tell-alone.ts'
import type { Wanted } from './wanted.ts'
import { wantedIn } from './wanted-in-form.ts'
import { allowed, whoIs } from './who.ts'
import type { RemedyWorld } from './world.ts'

export type SubmitWorld = RemedyWorld & ShowWorld & { askRemedy: AddAskRemedy }

/** A form was sent: a remedy is asked for, or it is said why an item of a checklist is not right. */
export function submitTask(world: SubmitWorld): Task<Submission> {
  return {
    name: 'submit',
    schema: submissionSchema,
    async perform(submission, step) {
      const meaning = await step('look it up', () => world.store.buttons.meaning(submission.formId))
      if (meaning?.do !== 'form' && meaning?.do !== 'reason') return
      const words = await carryThrough(world, submission, meaning, step)
      await step('answer', () => tellAlone(world, meaning.responseUrl, words))
    },
    async gaveUp({ formId }, error) {
      const meaning = await world.store.buttons.meaning(formId)
      if (meaning && 'responseUrl' in meaning) await tellAlone(world, meaning.responseUrl, say.sayRemedyGaveUp(error))
    },
  }
}

type OfForm = Extract<Meaning, { do: 'form' | 'reason' }>

async function carryThrough(world: SubmitWorld, submission: Submission, meaning: OfForm, step: Step): Promise<Mrkdwn> {
  if (meaning.do === 'form') return step('ask', () => ask(world, submission, meaning))
  return answerCheck(world, submission, { ...meaning, reason: submission.values.reason ?? null }, step)
}

type Form = Extract<Meaning, { do: 'form' }>

async function ask(
  world: SubmitWorld,
  submission: Submission,
  { form, channel, channelName, responseUrl }: Form,
): Promise<Mrkdwn> {
  const wanted: Wanted = wantedIn(form, submission.values)
  const { operation, repository } = wanted
  const clicker = await whoIs(world, submission.user)
  const may = await allowed(world, clicker, {
    as: 'ask',
    operation,
    repository,
    channel: { id: channel, name: channelName },
  })
  if (may.kind === 'refused')
    return say.sayPermission(await denied(world, clicker, { repository, what: operation }, may))
  const remedy = remedies[operation]
  const advice = await adviceOn(world, remedy.kind, wanted)
  if (advice !== null && form === 'rebuild' && submission.values.anyway !== 'yes') return say.wouldNotHelp(advice)
  const order: AskRemedy = {
    wish: `form:${submission.formId}`,
    wanted,
    by: may.person,
    place: { channel, threadTs: null, storyId: null },
    responseUrl,
  }
  await world.askRemedy(order, askRemedyKey(order))
  const { dryRun } = await world.store.switches.get()
  return advice === null ? say.onIt(remedy, dryRun) : say.onItThough(remedy, dryRun, advice)
}
