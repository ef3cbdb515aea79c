import type { ModalView, PlainTextElement, PlainTextOption } from '@slack/types'
import { clean, cut } from '../thread/escape.ts'

/**
 * Parts of a form, within Slack's limits as the comments of `@slack/types` have them. A field and its block have one name,
 * under which its value comes back and its mistake is shown.
 */

export function modal(
  { callbackId, id, title, submit }: { callbackId: string; id: string; title: string; submit: string },
  blocks: ModalView['blocks'],
): ModalView {
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: id,
    title: plain(title, 24),
    submit: plain(submit, 24),
    close: plain('Cancel', 24),
    blocks,
  }
}

export function input(name: string, label: string, hint: string, value: string | null) {
  return {
    type: 'input' as const,
    block_id: name,
    label: plain(label, 200),
    hint: plain(hint, 200),
    optional: true,
    element: {
      type: 'plain_text_input' as const,
      action_id: name,
      max_length: mostTyped,
      ...(value === null ? {} : { initial_value: clean(value).slice(0, mostTyped) }),
    },
  }
}

const mostTyped = 250

/** `options`: value and words, values of at most 75 characters. `chosen`: a value; null: none yet. */
export function select(name: string, label: string, options: [string, string][], chosen: string | null) {
  const all = options.map(([value, text]): PlainTextOption => ({ text: plain(text, 75), value }))
  const initial = all.find(({ value }) => value === chosen)
  return {
    type: 'input' as const,
    block_id: name,
    label: plain(label, 200),
    optional: false,
    element: {
      type: 'static_select' as const,
      action_id: name,
      options: all,
      ...(initial ? { initial_option: initial } : {}),
    },
  }
}

/** Slack reads no mark-up in it; brackets go anyway, so that it is safe wherever it is copied to. */
function plain(text: string, most: number): PlainTextElement {
  const line = cut(clean(text).replaceAll('<', '‹').replaceAll('>', '›'), most).trim()
  return { type: 'plain_text', text: line === '' ? '…' : line, emoji: false }
}
