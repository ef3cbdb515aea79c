import type { ActionsBlock, Button, ConfirmationDialog, ContextActionsBlock, PlainTextElement } from '@slack/types'
import { actionLimits } from './action-limits.ts'
import { clean, cut } from './escape.ts'

/** A question before the press counts, with verbs on its buttons: "Prune 12 entries", not "OK". */
export type Confirm = { title: string; text: string; yes: string; no: string; danger: boolean }

/** `value` is the opaque id under which it is stored what the button means; nothing else comes back with a press. */
export type ButtonShown = {
  actionId: string
  text: string
  value: string
  style: 'primary' | 'danger' | null
  confirm: Confirm | null
}

/** All our action ids begin so, and the door for presses listens to them. */
export const ourActions = 'layerwise:'

/** At most three buttons, the rest in one overflow menu. Null: there is nothing to press. */
export function actionsBlock(id: string, buttons: ButtonShown[]): ActionsBlock | null {
  if (buttons.length === 0) return null
  const inMenu = buttons.slice(shown, shown + actionLimits.options)
  return {
    type: 'actions',
    block_id: id,
    elements: [...buttons.slice(0, shown).map(button), ...(inMenu.length === 0 ? [] : [menu(inMenu)])],
  }
}

const shown = 3

function button({ actionId, text, value, style, confirm }: ButtonShown): Button {
  return {
    type: 'button',
    action_id: actionId,
    text: plainText(text, actionLimits.buttonText),
    value,
    ...(style === null ? {} : { style }),
    ...(confirm === null ? {} : { confirm: dialog(confirm) }),
  }
}

/** A menu has one question for all that is in it, so it asks when one of them has to be asked about. */
function menu(buttons: ButtonShown[]) {
  const [asked] = buttons.flatMap(({ confirm }) => confirm ?? [])
  const confirm = asked && {
    title: 'Are you sure?',
    text: 'What you chose starts at once.',
    yes: 'Start it',
    no: asked.no,
  }
  return {
    type: 'overflow' as const,
    action_id: `${ourActions}more`,
    options: buttons.map(({ text, value }) => ({ text: plainText(text, actionLimits.optionText), value })),
    ...(confirm ? { confirm: dialog({ ...confirm, danger: false }) } : {}),
  }
}

function dialog({ title, text, yes, no, danger }: Confirm): ConfirmationDialog {
  return {
    title: plainText(title, actionLimits.confirmTitle),
    text: plainText(text, actionLimits.confirmText),
    confirm: plainText(yes, actionLimits.confirmButton),
    deny: plainText(no, actionLimits.confirmButton),
    ...(danger ? { style: 'danger' as const } : {}),
  }
}

/** Was the diagnosis right? Grey thumbs under a message. */
export function feedbackBlock({ upId, downId }: { upId: string; downId: string }): ContextActionsBlock {
  const thumb = (text: string, label: string, value: string) => ({
    text: plainText(text, actionLimits.buttonText),
    accessibility_label: label,
    value,
  })
  return {
    type: 'context_actions',
    block_id: 'feedback',
    elements: [
      {
        type: 'feedback_buttons',
        action_id: `${ourActions}feedback`,
        positive_button: thumb('Right', 'This diagnosis is right', upId),
        negative_button: thumb('Wrong', 'This diagnosis is wrong', downId),
      },
    ],
  }
}

/** Slack reads no mark-up in it; brackets go anyway, so that it is safe wherever it is copied to. */
function plainText(text: string, most: number): PlainTextElement {
  const line = cut(clean(text).replaceAll('<', '‹').replaceAll('>', '›').replace(/\s+/g, ' ').trim(), most)
  return { type: 'plain_text', text: line === '' ? '…' : line, emoji: false }
}
