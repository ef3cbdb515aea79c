import { z } from 'zod'
import type { ApiResult } from './slack-front.ts'

/**
 * What Slack refuses in blocks, as far as it documents it, and the size that it refuses without documenting (bolt-js issue
 * 2509). Written apart from the limits that the bot keeps to, so that a mistake there is seen here.
 */
export function refusedBlocks(blocks: unknown): ApiResult | null {
  if (!Array.isArray(blocks)) return null
  if (JSON.stringify(blocks).length > 13_200) return { ok: false, error: 'msg_blocks_too_long' }
  const found = blocks.length > 50 ? [`${blocks.length} blocks`] : blocks.flatMap(blockMistakes)
  const ids = blocks.flatMap((block) => block?.block_id ?? [])
  if (new Set(ids).size < ids.length) found.push('a block_id stands twice')
  if (found.length === 0) return null
  return { ok: false, error: 'invalid_blocks', response_metadata: { messages: found } }
}

/** What is wrong with one block of a message or a modal. */
export function blockMistakes(block: unknown): string[] {
  const known = blockSchema.safeParse(block)
  if (!known.success) return [known.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')]
  const { elements = [] } = known.data
  const ids = elements.flatMap(({ action_id: id }) => id ?? [])
  return new Set(ids).size < ids.length ? ['an action_id stands twice in a block'] : []
}

const text = (most: number) => z.looseObject({ text: z.string().min(1).max(most) })
const confirm = z.looseObject({ title: text(100), text: text(300), confirm: text(30), deny: text(30) })
const option = (value: number) => z.looseObject({ text: text(75), value: z.string().min(1).max(value) })
const thumb = z.looseObject({ text: text(75), value: z.string().min(1).max(2_000) })

const elementSchema = z.looseObject({ type: z.string(), action_id: z.string().min(1).max(255).optional() })
const withId = { action_id: z.string().min(1).max(255), confirm: confirm.optional() }
const pressableSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('button'),
    ...withId,
    text: text(75),
    value: z.string().max(2_000).optional(),
    style: z.enum(['primary', 'danger']).optional(),
  }),
  z.looseObject({ type: z.literal('overflow'), ...withId, options: z.array(option(75)).min(1).max(5) }),
  z.looseObject({
    type: z.literal('feedback_buttons'),
    ...withId,
    positive_button: thumb,
    negative_button: thumb,
  }),
])

const optionsOf = (most: number) => ({ options: z.array(option(150)).min(1).max(most) })
const inputElementSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('plain_text_input'), ...withId, max_length: z.int().min(1).max(3_000).optional() }),
  z.looseObject({ type: z.literal('number_input'), ...withId, is_decimal_allowed: z.boolean() }),
  z.looseObject({ type: z.literal('static_select'), ...withId, ...optionsOf(100) }),
  z.looseObject({ type: z.literal('radio_buttons'), ...withId, ...optionsOf(10) }),
  z.looseObject({ type: z.literal('checkboxes'), ...withId, ...optionsOf(10) }),
])

const id = { block_id: z.string().min(1).max(255).optional() }
const blockSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('section'), ...id, text: text(3_000), elements: z.undefined().optional() }),
  z.looseObject({ type: z.literal('header'), ...id, text: text(150), elements: z.undefined().optional() }),
  z.looseObject({ type: z.literal('divider'), ...id, elements: z.undefined().optional() }),
  z.looseObject({
    type: z.literal('image'),
    ...id,
    alt_text: z.string().max(2_000),
    elements: z.undefined().optional(),
  }),
  z.looseObject({ type: z.literal('context'), ...id, elements: z.array(elementSchema).min(1).max(10) }),
  z.looseObject({ type: z.literal('actions'), ...id, elements: z.array(pressableSchema).min(1).max(25) }),
  z.looseObject({ type: z.literal('context_actions'), ...id, elements: z.array(pressableSchema).min(1).max(5) }),
  z.looseObject({
    type: z.literal('input'),
    ...id,
    label: text(2_000),
    hint: text(2_000).optional(),
    element: inputElementSchema,
    elements: z.undefined().optional(),
  }),
])
