import type { KnownBlock } from '@slack/types'
import type { Checklist, Item } from '../verdict/checklist.ts'
import { context, section } from './blocks.ts'
import { actionsBlock, ourActions } from './buttons.ts'
import { code, cut, join, link, type Mrkdwn, md, moment, person, plainLine } from './escape.ts'
import { limits, payloadSize } from './limits.ts'
import { runbookText } from './runbook-text.ts'
import { plainVerdict, sayVerdict } from './verdict-wording.ts'
import type { WantedMessage } from './wanted.ts'

/** Opaque ids of the three answers to an item, which is named by its place in the list. */
export type ItemButtons = { item: number; passedId: string; failedId: string; skippedId: string }

/** A runbook's *Verification* in its thread: what is answered, by whom, and what still waits for a build or for people. */
export function planChecklist(
  checklist: Checklist,
  ids: ItemButtons[],
  { causeTitle = null }: { /** of the cause that the verdict names */ causeTitle?: string | null } = {},
): WantedMessage {
  const { id, parentTag: parent, items, verdict, operation, state } = checklist
  const facts = { operation, causeTitle }
  const result = state === 'closed' ? resultOf(items) : progressOf(items)
  const end = verdict === null ? null : plainVerdict(verdict, facts)
  const message = {
    tag: checklistTag({ id }),
    parent,
    text: plainLine(
      [`Checklist of ${pageName(checklist)}, ${cut(checklist.repository, 140)}: ${result}`, end]
        .filter((part) => part !== null)
        .join('. '),
    ),
  }
  const ends: KnownBlock[] = [
    ...(verdict === null ? [] : [section('verdict', sayVerdict(verdict, facts))]),
    context('facts', factsLine(checklist)),
  ]
  const first = section('head', head(checklist, result))
  const room = limits.payload - payloadSize({ text: message.text, blocks: [first, ...ends] }) - leftRoom
  return { ...message, blocks: [first, ...itemBlocks(checklist, ids, room), ...ends] }
}

export function checklistTag({ id }: Pick<Checklist, 'id'>): string {
  return `checklist:${id}`
}

/** For the line that says what found no room. */
const leftRoom = 250

function head({ repository, workflow, branch, state, ...checklist }: Checklist, result: string): Mrkdwn {
  const emoji = state === 'closed' ? ':ballot_box_with_check:' : ':clipboard:'
  const where = [
    md`${cut(repository, 140)}`,
    md`${cut(workflow, 120)}`,
    branch === null ? null : code(cut(branch, 120)),
  ]
  return md`${{ mrkdwn: emoji }} *Checklist of ${pageName(checklist)}*: ${join(where, ' · ')}\n${capital(result)}`
}

function pageName({ page }: Pick<Checklist, 'page'>): string {
  return cut(page.replace(/^.*[/\\]/s, '').replace(/\.md$/, ''), 120)
}

const words: Record<Item['state'], { emoji: string; word: string }> = {
  waiting: { emoji: ':hourglass_flowing_sand:', word: 'Waits' },
  passed: { emoji: ':white_check_mark:', word: 'Passed' },
  failed: { emoji: ':x:', word: 'Failed' },
  skipped: { emoji: ':heavy_minus_sign:', word: 'Skipped' },
}

const toCheck = { emoji: ':point_right:', word: 'To check' }

/** "4 of 4 passed", "2 of 4 passed, 1 failed, 1 skipped" */
export function resultOf(items: Item[]): string {
  const count = (state: Item['state']) => items.filter((item) => item.state === state).length
  const others = (['failed', 'skipped', 'waiting'] as const).map((state) => [count(state), state] as const)
  const rest = others
    .filter(([number]) => number > 0)
    .map(([number, state]) => `${number} ${state === 'waiting' ? 'not answered' : state}`)
  return [`${count('passed')} of ${items.length} passed`, ...rest].join(', ')
}

function progressOf(items: Item[]): string {
  const answered = items.filter(({ state }) => state !== 'waiting').length
  return `${answered} of ${items.length} answered`
}

/** It waits for a person: nothing can check it, or what could has said that it cannot tell. */
export function isForPeople({ check, state, evidence }: Item): boolean {
  return state === 'waiting' && (check === null || evidence !== null)
}

const mostWithButtons = 12
const mostBlocks = 45

/** What waits for people finds room first, then what waits for a build, then what is answered; each in its place. */
function itemBlocks(checklist: Checklist, ids: ItemButtons[], room: number): KnownBlock[] {
  const { items, state } = checklist
  const pressable = items.filter(isForPeople).slice(0, state === 'closed' ? 0 : mostWithButtons)
  const told = items.map((item, index) => {
    const own = pressable.includes(item) ? ids.find((each) => each.item === index) : undefined
    return { rank: own ? 0 : item.state === 'waiting' ? 1 : 2, index, blocks: blocksOf(checklist, item, index, own) }
  })
  let left = { size: room, blocks: mostBlocks }
  const shown = new Set<number>()
  for (const { index, blocks } of told.toSorted((one, other) => one.rank - other.rank || one.index - other.index)) {
    const size = JSON.stringify(blocks).length
    if (size > left.size || blocks.length > left.blocks) continue
    left = { size: left.size - size, blocks: left.blocks - blocks.length }
    shown.add(index)
  }
  const hidden = items.filter((_, index) => !shown.has(index))
  const rest = hidden.length === 0 ? [] : [context('more', md`and ${hidden.length} more: ${resultOf(hidden)}`)]
  return [...told.filter(({ index }) => shown.has(index)).flatMap(({ blocks }) => blocks), ...rest]
}

function blocksOf(checklist: Checklist, item: Item, index: number, ids: ItemButtons | undefined): KnownBlock[] {
  const id = `item-${index}`
  const { emoji, word } = isForPeople(item) && checklist.state === 'open' ? toCheck : words[item.state]
  const first = md`${{ mrkdwn: emoji }} *${word}* · ${index + 1}. ${runbookText(item.text, 300)}`
  const about = aboutItem(checklist, item)
  const pressed = ids && actionsBlock(`${id}:buttons`, answers(index, ids))
  return [
    section(id, first),
    ...(about.mrkdwn === '' ? [] : [context(`${id}:about`, about)]),
    ...(pressed ? [pressed] : []),
  ]
}

function answers(index: number, { passedId, failedId, skippedId }: ItemButtons) {
  const button = (at: number, text: string, value: string) => ({
    actionId: `${ourActions}${3 * index + at}`,
    text,
    value,
    style: null,
    confirm: null,
  })
  return [button(0, '✓ Passed', passedId), button(1, '✗ Failed', failedId), button(2, 'Skip', skippedId)]
}

/** Evidence, who answered when and why; or what it waits for. */
function aboutItem(checklist: Checklist, item: Item): Mrkdwn {
  const { state, by, at, evidence, reason } = item
  const seen = evidence === null ? null : md`${cut(evidence, 300)}`
  if (state === 'waiting') {
    if (checklist.state === 'closed') return join([seen, md`nobody answered`], ' · ')
    return isForPeople(item) ? (seen ?? md``) : md`${waitsFor(checklist)}`
  }
  const who = by === null ? md`checked by itself` : md`by ${person(cut(by, 80))}`
  const why = reason === null || reason === '' ? null : md`“${cut(reason, 300)}”`
  return join([seen, why, who, at === null ? null : moment(at)], ' · ')
}

function waitsFor({ awaits, workflow, branch }: Checklist): string {
  if (awaits !== null) return `checks itself when run ${awaits.runId}, attempt ${awaits.attempt} ends`
  const where = branch === null ? '' : ` on ${cut(branch, 120)}`
  return `checks itself when the next build of ${cut(workflow, 120)}${where} ends`
}

function factsLine({ seenRun, openedAt, closedAt, state }: Checklist): Mrkdwn {
  const run = seenRun && link(seenRun.url, `run ${seenRun.runId}, attempt ${seenRun.attempt}`)
  const when = closedAt === null ? md`begun ${moment(openedAt)}` : md`closed ${moment(closedAt)}`
  const who = state === 'open' ? md`anybody here may answer, or go on where others stopped` : null
  return join([run && md`checked against ${run}`, who, when], ' · ')
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
