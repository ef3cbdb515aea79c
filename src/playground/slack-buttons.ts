import { z } from 'zod'
import { slackTs } from './slack-knock.ts'

/** What somebody presses in a message: by the words on it, or by its action id. */
export type Pressed = { label: string } | { actionId: string }

/** One element of `actions` as Slack sends it. */
export type ActionSent = Record<string, unknown> & { type: string; action_id: string; block_id: string }

type Found = { labels: string[]; action: ActionSent }

/** The button, the line of a menu or the thumb with these words, as Slack tells of it when it is pressed. */
export function actionIn(blocks: unknown[], pressed: Pressed): ActionSent {
  const all = blocks.flatMap(pressable)
  const found = all.filter(({ labels, action }) =>
    'label' in pressed ? labels.includes(pressed.label) : action.action_id === pressed.actionId,
  )
  const [one, ...more] = found
  const wanted = 'label' in pressed ? pressed.label : pressed.actionId
  if (one === undefined || more.length > 0) {
    const there = all.map(({ labels }) => labels[0]).join(', ')
    throw new Error(`${found.length} buttons are called "${wanted}"; in the message there are: ${there || 'none'}`)
  }
  return { ...one.action, action_ts: slackTs() }
}

const labelSchema = z.object({ type: z.string(), text: z.string() })
const thumbSchema = z.object({ text: labelSchema, value: z.string(), accessibility_label: z.string().optional() })
const ids = { action_id: z.string() }
const elementSchema = z.union([
  z.object({ type: z.literal('button'), ...ids, text: labelSchema, value: z.string().optional() }),
  z.object({
    type: z.literal('overflow'),
    ...ids,
    options: z.array(z.object({ text: labelSchema, value: z.string() })),
  }),
  z.object({
    type: z.literal('feedback_buttons'),
    ...ids,
    positive_button: thumbSchema,
    negative_button: thumbSchema,
  }),
])
const blockSchema = z.object({ block_id: z.string().default('block'), elements: z.array(z.unknown()) })

function pressable(block: unknown): Found[] {
  const known = blockSchema.safeParse(block)
  if (!known.success) return []
  const { block_id, elements } = known.data
  return elements.flatMap((element) => {
    const read = elementSchema.safeParse(element)
    return read.success ? actionsOf(read.data, block_id) : []
  })
}

function actionsOf(element: z.infer<typeof elementSchema>, block_id: string): Found[] {
  const { type, action_id } = element
  const base = { type, action_id, block_id }
  switch (element.type) {
    case 'button':
      return [{ labels: [element.text.text], action: { ...base, text: element.text, value: element.value } }]
    case 'overflow':
      return element.options.map((option) => ({
        labels: [option.text.text],
        action: { ...base, selected_option: option },
      }))
    case 'feedback_buttons':
      return [element.positive_button, element.negative_button].map(({ text, value, accessibility_label: said }) => ({
        labels: said === undefined ? [text.text] : [text.text, said],
        action: { ...base, text, value },
      }))
    default:
      return element satisfies never
  }
}
