import type { ActionsBlock, Button, ConfirmationDialog, ContextActionsBlock, Overflow } from '@slack/types'

/** Slack's limits for what can be pressed, as the comments of `@slack/types` have them. */
export const actionLimits = {
  elements: 25,
  contextElements: 5,
  actionId: 255,
  buttonText: 75,
  buttonValue: 2_000,
  accessibilityLabel: 75,
  options: 5,
  optionText: 75,
  optionValue: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
} as const

type Pressable = ActionsBlock | ContextActionsBlock

/** What Slack would refuse in a block of buttons, in words; kinds of elements that we do not send are refused here. */
export function actionViolations(block: Pressable): string[] {
  const most = block.type === 'actions' ? actionLimits.elements : actionLimits.contextElements
  const count = block.elements.length
  const counted = count === 0 || count > most ? [`${block.type} has ${count} elements, 1 to ${most} are allowed`] : []
  return [...counted, ...block.elements.flatMap(elementViolations)]
}

/** The action ids in a block, which Slack wants to be different ones. */
export function actionIds({ elements }: Pressable): string[] {
  return elements.map((element) => element.action_id ?? '')
}

function elementViolations(element: Pressable['elements'][number]): string[] {
  const id = within('action_id', element.action_id ?? '', actionLimits.actionId)
  switch (element.type) {
    case 'button':
      return [...id, ...buttonViolations(element)]
    case 'overflow':
      return [...id, ...overflowViolations(element)]
    case 'feedback_buttons':
      return [...id, ...[element.positive_button, element.negative_button].flatMap(buttonViolations)]
    default:
      return [`a ${element.type} element, which we do not send`]
  }
}

function buttonViolations(button: Pick<Button, 'text' | 'value' | 'accessibility_label' | 'confirm'>): string[] {
  const label = button.accessibility_label
  return [
    ...within('button text', button.text.text, actionLimits.buttonText),
    ...within('button value', button.value ?? '', actionLimits.buttonValue),
    ...(label === undefined ? [] : within('accessibility label', label, actionLimits.accessibilityLabel)),
    ...confirmViolations(button.confirm),
  ]
}

function overflowViolations({ options, confirm }: Overflow): string[] {
  const count = options.length
  const most = actionLimits.options
  return [
    ...(count === 0 || count > most ? [`overflow has ${count} options, 1 to ${most} are allowed`] : []),
    ...options.flatMap(({ text, value }) => [
      ...within('option text', text.text, actionLimits.optionText),
      ...within('option value', value ?? '', actionLimits.optionValue),
    ]),
    ...confirmViolations(confirm),
  ]
}

function confirmViolations(confirm: ConfirmationDialog | undefined): string[] {
  if (confirm === undefined) return []
  return [
    ...within('confirm title', confirm.title?.text ?? '', actionLimits.confirmTitle),
    ...within('confirm text', confirm.text.text, actionLimits.confirmText),
    ...within('confirm button', confirm.confirm?.text ?? '', actionLimits.confirmButton),
    ...within('deny button', confirm.deny?.text ?? '', actionLimits.confirmButton),
  ]
}

function within(what: string, text: string, most: number): string[] {
  if (text === '') return [`${what} is empty`]
  return text.length > most ? [`${what} has ${text.length} characters, at most ${most} are allowed`] : []
}
