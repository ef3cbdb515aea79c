import type { ActionsBlock, ContextActionsBlock, KnownBlock } from '@slack/types'
import { actionIds, actionViolations } from './action-limits.ts'
import { weight } from './escape.ts'
import type { WantedMessage } from './wanted.ts'

/**
 * Slack's limits as a budget. Documented ones are in the comments of `@slack/types`; that a whole payload over about
 * 13,000 characters is refused with `msg_blocks_too_long` is not documented (bolt-js issue 2509), hence our 10,000.
 */
export const limits = {
  payload: 10_000,
  blocks: 50,
  section: 3_000,
  header: 150,
  contextElements: 10,
  altText: 2_000,
  blockId: 255,
  text: 40_000,
} as const

/** What Slack would refuse in this message, in words; empty when it may be sent. */
export function violations({ text, blocks }: Pick<WantedMessage, 'text' | 'blocks'>): string[] {
  const found: string[] = []
  if (text.trim() === '') found.push('no fallback text')
  if (text.length > limits.text) found.push(`text has ${text.length} characters`)
  if (blocks.length > limits.blocks) found.push(`${blocks.length} blocks`)
  const size = payloadSize({ text, blocks })
  if (size > limits.payload) found.push(`payload has ${size} characters`)
  const ids = blocks.map((block) => block.block_id).filter((id) => id !== undefined)
  if (new Set(ids).size < ids.length) found.push('a block_id stands twice')
  const pressed = blocks.flatMap((block) => (isPressable(block) ? actionIds(block) : []))
  if (new Set(pressed).size < pressed.length) found.push('an action_id stands twice')
  return [...found, ...blocks.flatMap(blockViolations)]
}

/**
 * The ways to say a message, best first: whole, without thumbs and as far as Slack's budget goes, then what matters most,
 * then one line. The next one is taken when Slack refuses the one before, so that a message never gets lost over its dress.
 */
export function rungs(message: WantedMessage): WantedMessage[] {
  // Without its picture it would say nothing that the thread does not say.
  if (message.blocks.some(({ type }) => type === 'image')) return [message]
  const most = limits.payload - payloadSize({ text: message.text, blocks: [] })
  const ladder = [
    message,
    { ...message, blocks: reduced(message.blocks, most) },
    { ...message, blocks: reduced(message.blocks, reducedPayload) },
    { ...message, text: withoutButtons(message), blocks: [] },
  ]
  const sendable = ladder.filter((rung, index) => violations(rung).length === 0 || index === ladder.length - 1)
  return sendable.filter((rung, index) => rung.blocks.length !== sendable[index - 1]?.blocks.length)
}

/**
 * What matters most: no thumbs, but the buttons, for which room is kept before anything else is put in. Buttons whose
 * block is named `NAME:buttons` say nothing without the section NAME above them and come and go with it.
 */
function reduced(blocks: KnownBlock[], budget: number): KnownBlock[] {
  const told = blocks.filter(({ type }) => type !== 'context_actions')
  const alone = withinWeight(
    told.filter((block) => block.type === 'actions' && !told.some((other) => belongs(block, other))),
    budget,
  )
  let left = budget - sizeOf(alone)
  let room = limits.blocks - alone.length
  const kept = new Set(alone)
  for (const block of told.filter(({ type }) => type !== 'actions')) {
    const unit = [block, ...told.filter((other) => belongs(other, block))]
    if (sizeOf(unit) > left || unit.length > room) continue
    left -= sizeOf(unit)
    room -= unit.length
    for (const each of unit) kept.add(each)
  }
  return told.filter((block) => kept.has(block))
}

function belongs(buttons: KnownBlock, to: KnownBlock): boolean {
  return buttons.type === 'actions' && to.block_id !== undefined && buttons.block_id === `${to.block_id}:buttons`
}

/** One line in which nothing can be pressed says so. */
function withoutButtons({ text, blocks }: WantedMessage): string {
  if (!blocks.some(({ type }) => type === 'actions')) return text
  return `${text} (Slack did not take the buttons of this message; /cache help lists what you can do without them)`
}

/** The blocks that fit, in their order; one that doesn't is left out, later smaller ones may still find room. */
export function withinWeight(blocks: KnownBlock[], budget: number): KnownBlock[] {
  let left = budget
  return blocks.slice(0, limits.blocks).filter((block) => {
    const size = sizeOf([block])
    if (size > left) return false
    left -= size
    return true
  })
}

function sizeOf(blocks: KnownBlock[]): number {
  return blocks.reduce((sum, block) => sum + JSON.stringify(block).length + 1, 0)
}

/** Characters of the payload as Slack sees it. */
export function payloadSize({ text, blocks }: Pick<WantedMessage, 'text' | 'blocks'>): number {
  return JSON.stringify({ text, blocks }).length
}

/** The lines that fit from the top, and how many did not. */
export function linesWithin(lines: string[], budget: number): { shown: string[]; more: number } {
  let left = budget
  const shown: string[] = []
  for (const line of lines) {
    left -= weight(line) + 2 // the line break is two characters in JSON
    if (left < 0) break
    shown.push(line)
  }
  return { shown, more: lines.length - shown.length }
}

const reducedPayload = 4_000

function blockViolations(block: KnownBlock): string[] {
  if (block.type === 'section') return lengthOf('section', block.text?.text ?? '', limits.section)
  if (block.type === 'header') return lengthOf('header', block.text.text, limits.header)
  if (block.type === 'divider') return []
  if (block.type === 'image') return lengthOf('alt text', block.alt_text, limits.altText)
  if (isPressable(block)) return actionViolations(block)
  if (block.type !== 'context') return [`a ${block.type} block, which we do not send`]
  if (block.elements.length > limits.contextElements) return [`context has ${block.elements.length} elements`]
  return block.elements.flatMap((element) =>
    'text' in element ? lengthOf('context', element.text, limits.section) : [],
  )
}

function isPressable(block: KnownBlock): block is ActionsBlock | ContextActionsBlock {
  return block.type === 'actions' || block.type === 'context_actions'
}

function lengthOf(kind: string, text: string, max: number): string[] {
  if (text === '') return [`${kind} is empty`]
  return text.length > max ? [`${kind} has ${text.length} characters, at most ${max} are allowed`] : []
}
