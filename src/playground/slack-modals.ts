import { z } from 'zod'
import { blockMistakes } from './slack-blocks.ts'
import type { ApiCall, ApiResult } from './slack-front.ts'
import { slackId } from './slack-knock.ts'

/** A form that stands open over somebody's Slack. */
export type OpenModal = {
  id: string
  hash: string
  /** whose screen it is on */
  user: string
  view: ModalShown
}

/** Forms, and the trigger ids that open them: each once, within three seconds of the click. */
export type LocalModals = {
  open: OpenModal[]
  /** Slack's name of a click, good for one form. */
  trigger(user: string, id?: string): string
  /** As if three seconds went by. */
  expireTriggers(): void
  /** The answer to `views.open`. */
  opened(call: ApiCall): ApiResult
  close(modal: OpenModal): void
}

const triggerMs = 3_000

export function localModals(): LocalModals {
  const triggers = new Map<string, { user: string; until: number; used: boolean }>()
  const open: OpenModal[] = []
  return {
    open,
    trigger(user, id = slackId('T')) {
      if (!triggers.has(id)) triggers.set(id, { user, until: Date.now() + triggerMs, used: false })
      return id
    },
    expireTriggers() {
      for (const trigger of triggers.values()) trigger.until = 0
    },
    opened({ args }) {
      const trigger = triggers.get(String(args.trigger_id))
      if (!trigger) return { ok: false, error: 'invalid_trigger_id' }
      if (trigger.used) return { ok: false, error: 'exchanged_trigger_id' }
      if (trigger.until < Date.now()) return { ok: false, error: 'expired_trigger_id' }
      const view = modalSchema.safeParse(args.view)
      const messages = view.success ? viewMistakes(view.data) : [z.prettifyError(view.error)]
      if (!view.success || messages.length > 0)
        return { ok: false, error: 'invalid_arguments', response_metadata: { messages } }
      trigger.used = true
      const modal = { id: slackId('V'), hash: `${Date.now()}.x`, user: trigger.user, view: view.data }
      open.push(modal)
      return { ok: true, view: { ...view.data, id: modal.id, hash: modal.hash } }
    },
    close(modal) {
      const at = open.findIndex(({ id }) => id === modal.id)
      if (at >= 0) open.splice(at, 1)
    },
  }
}

const short = z.looseObject({ type: z.literal('plain_text'), text: z.string().min(1).max(24) })
const option = z.looseObject({ text: z.looseObject({ text: z.string() }), value: z.string() })
const elementSchema = z.looseObject({
  type: z.string(),
  action_id: z.string(),
  options: z.array(option).optional(),
  initial_value: z.string().optional(),
  initial_option: option.optional(),
  initial_options: z.array(option).optional(),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
})
const blockSchema = z.looseObject({
  type: z.string(),
  block_id: z.string().optional(),
  optional: z.boolean().optional(),
  element: elementSchema.optional(),
})
const modalSchema = z.looseObject({
  type: z.literal('modal'),
  title: short,
  submit: short.optional(),
  close: short.optional(),
  callback_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3_000).optional(),
  blocks: z.array(blockSchema).min(1).max(100),
})
export type ModalShown = z.infer<typeof modalSchema>

function viewMistakes({ blocks, submit }: ModalShown): string[] {
  const ids = blocks.flatMap(({ block_id: id }) => id ?? [])
  return [
    ...blocks.flatMap(blockMistakes),
    ...(new Set(ids).size < ids.length ? ['a block_id stands twice'] : []),
    ...(blocks.some(({ type }) => type === 'input') && !submit ? ['inputs without submit'] : []),
  ]
}

/** What is typed and chosen, by action id; what is not named stays as it was when the form opened. */
export type Filled = Record<string, string | string[] | null>

/** `state.values` of the form as filled in. Throws what Slack itself would not let a person send. */
export function stateOf({ view }: OpenModal, filled: Filled): Record<string, Record<string, unknown>> {
  const inputs = view.blocks.flatMap(({ block_id: block = '', optional = false, element }) =>
    element ? [{ block, optional, element }] : [],
  )
  const names = inputs.map(({ element }) => element.action_id)
  const unknown = Object.keys(filled).filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new Error(`the form has no ${unknown.join(', ')}; it has ${names.join(', ')}`)
  const values = inputs.map(({ block, optional, element }) => {
    const value = filledIn(element, filled[element.action_id])
    const empty = Object.values(value).every((each) => each === null || (Array.isArray(each) && each.length === 0))
    if (empty && !optional) throw new Error(`the form wants ${element.action_id}`)
    return [block, { [element.action_id]: { type: element.type, ...value } }] as const
  })
  return Object.fromEntries(values)
}

function filledIn(element: z.infer<typeof elementSchema>, given: Filled[string] | undefined): Record<string, unknown> {
  const chosen = (value: string) => {
    const found = element.options?.find((each) => each.value === value)
    if (!found) throw new Error(`${element.action_id} offers no ${value}`)
    return found
  }
  if (element.type === 'checkboxes') {
    const values = given === undefined ? element.initial_options?.map(({ value }) => value) : given
    return { selected_options: [values ?? []].flat().map(chosen) }
  }
  if (element.options) {
    const value = given === undefined ? element.initial_option?.value : given
    return { selected_option: typeof value === 'string' ? chosen(value) : null }
  }
  const value = given === undefined ? (element.initial_value ?? null) : given
  if (typeof value === 'string') typeable(element, value)
  return { value }
}

function typeable(element: z.infer<typeof elementSchema>, value: string): void {
  const { action_id: name, min_length: least = 0, max_length: most = 3_000 } = element
  if (value.length < least || value.length > most) throw new Error(`${name} takes ${least} to ${most} characters`)
  if (element.type !== 'number_input') return
  const number = Number(value)
  const { min_value: from = -Infinity, max_value: to = Infinity } = element
  if (!Number.isFinite(number) || number < Number(from) || number > Number(to))
    throw new Error(`${name} takes a number from ${from} to ${to}`)
}
