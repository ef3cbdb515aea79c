import type { KnownBlock } from '@slack/types'
import { printMessage } from '../../src/playground/print-thread.ts'
import type { WantedMessage } from '../../src/thread/wanted.ts'

/** A message as a person meets it: the notification's line, then its blocks, buttons in square brackets. */
export function readMessage({ text, blocks }: Pick<WantedMessage, 'text' | 'blocks'>): string {
  return [text, '='.repeat(40), ...blocks.map(readBlock)].join('\n')
}

function readBlock(block: KnownBlock): string {
  if (block.type === 'actions') return `${block.elements.map(readElement).join(' ')}\n`
  if (block.type === 'context_actions') return '[👍] [👎]\n'
  return `${printMessage({ ts: '', text: '', blocks: [block] })}\n`
}

type Element = Extract<KnownBlock, { type: 'actions' }>['elements'][number]

function readElement(element: Element): string {
  if (element.type === 'overflow') return `[⋮ ${element.options.map(({ text }) => text.text).join(' | ')}]`
  if (element.type !== 'button') throw new Error(`a ${element.type}`)
  const { text, style, confirm } = element
  const asks = confirm
    ? ` asks: “${confirm.title?.text}” ${confirm.text.text} [${confirm.confirm?.text}] [${confirm.deny?.text}]`
    : ''
  return `[${text.text}${style ? ` (${style})` : ''}]${asks}`
}
