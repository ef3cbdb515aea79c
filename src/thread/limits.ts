import type { KnownBlock } from '@slack/types'
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
  return [...found, ...blocks.flatMap(blockViolations)]
}

/**
 * The ways to say a message, best first: whole, then what matters most, then one line. The next one is taken when Slack
 * refuses the one before, so that a message never gets lost over its dress.
 */
export function rungs(message: WantedMessage): WantedMessage[] {
  // Without its picture it would say nothing that the thread does not say.
  if (message.blocks.some(({ type }) => type === 'image')) return [message]
  const reduced = { ...message, blocks: withinWeight(message.blocks, reducedPayload) }
  const ladder = [message, reduced, { ...message, blocks: [] }]
  const sendable = ladder.filter((rung, index) => violations(rung).length === 0 || index === ladder.length - 1)
  return sendable.filter((rung, index) => rung.blocks.length !== sendable[index - 1]?.blocks.length)
}

/** The blocks that fit, in their order; one that doesn't is left out, later smaller ones may still find room. */
export function withinWeight(blocks: KnownBlock[], budget: number): KnownBlock[] {
  let left = budget
  return blocks.slice(0, limits.blocks).filter((block) => {
    const size = JSON.stringify(block).length + 1
    if (size > left) return false
    left -= size
    return true
  })
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
  if (block.type !== 'context') return [`a ${block.type} block, which we do not send`]
  if (block.elements.length > limits.contextElements) return [`context has ${block.elements.length} elements`]
  return block.elements.flatMap((element) =>
    'text' in element ? lengthOf('context', element.text, limits.section) : [],
  )
}

function lengthOf(kind: string, text: string, max: number): string[] {
  if (text === '') return [`${kind} is empty`]
  return text.length > max ? [`${kind} has ${text.length} characters, at most ${max} are allowed`] : []
}
