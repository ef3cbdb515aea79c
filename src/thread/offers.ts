import type { KnownBlock } from '@slack/types'
import type { Remedy, RemedyKind } from '../remedy/remedy.ts'
import { section } from './blocks.ts'
import { actionsBlock, type ButtonShown, ourActions } from './buttons.ts'
import { cut, join, type Mrkdwn, md, person } from './escape.ts'
import { isLike, type RequestShown, requestLine, stands } from './request-state.ts'
import type { Story } from './story.ts'
import { sayVerdict, type VerdictShown } from './verdict-wording.ts'

/** A remedy that helps, and the opaque id of its button. */
export type OfferShown = {
  buttonId: string
  /** as its button says it, a verb first */
  label: string
  /** why it helps; asked about costly ones, this is the question's text */
  why: string
  class: Remedy['class']
  style: 'primary' | 'danger' | null
  kind: RemedyKind
}

/** What a failure's own message shows of remedies: what can be pressed, what was asked, and whether it helped. */
export type RemediesShown = {
  /** the most helpful first */
  offers: OfferShown[]
  /** requests of this story, newest first */
  asked: RequestShown[]
  /** by: Slack's id of the admin; null: not paused */
  paused: { by: string } | null
  /** newest first */
  verdicts: VerdictShown[]
}

type Told = Pick<Story, 'state' | 'runId' | 'attempt'>

/** Under what to do: what was asked and what came of it, the verdict, then the buttons. */
export function remedyBlocks(remedies: RemediesShown, story: Told): KnownBlock[] {
  const { asked, verdicts } = remedies
  const more = asked.length - linesShown
  const lines = [
    ...asked.slice(0, linesShown).map(requestLine),
    more > 0 ? md`and ${more} more, all of them in the thread` : null,
    ...verdicts.slice(0, 1).map(({ verdict, ...facts }) => sayVerdict(verdict, facts)),
  ]
  const said = join(lines, '\n')
  const pressed = actionsBlock('remedies', buttonsOf(remedies, story))
  return [...(said.mrkdwn === '' ? [] : [section('asked', said)]), ...(pressed === null ? [] : [pressed])]
}

const linesShown = 3

/**
 * For the grey line, once; nothing when there is nothing to press. Not that the dry run is on: a message that nobody touches
 * would go on saying so after it is off.
 */
export function switchWords(remedies: RemediesShown, story: Told): Mrkdwn | null {
  if (buttonsOf(remedies, story).length === 0) return null
  const { paused } = remedies
  return paused && md`remedies are paused by ${person(cut(paused.by, 80))}`
}

/** None when it is fixed; and none of a kind that was asked for this attempt already. */
function buttonsOf({ offers, asked }: RemediesShown, story: Told): ButtonShown[] {
  if (story.state === 'fixed') return []
  const { runId, attempt } = story
  return offers
    .filter(({ kind }) => !asked.some((shown) => stands(shown) && isLike(shown, { kind, runId, attempt })))
    .map((offer, index) => buttonOf(offer, index))
}

function buttonOf({ buttonId, label, why, class: costs, style }: OfferShown, index: number): ButtonShown {
  const question = {
    title: `${cut(label, 90)}?`,
    text: cut(`It takes a whole build.${why === '' ? '' : ` Why it may help: ${why}`}`, 240),
    yes: cut(label, 28),
    no: 'Not now',
    danger: false,
  }
  return {
    actionId: `${ourActions}${index}`,
    text: cut(label, 60),
    value: buttonId,
    style,
    // What deletes shows its whole list and asks others; what is harmless asks nobody.
    confirm: costs === 'costly' ? question : null,
  }
}
