import type { ConfirmationDialog, KnownBlock } from '@slack/types'
import { expect } from 'vitest'
import type { WantedMessage } from '../../src/thread/wanted.ts'

/** Whatever it was made of: nobody is called, nothing is linked, nothing is hidden and no token shows. */
export function expectSafe({ text, blocks }: Pick<WantedMessage, 'text' | 'blocks'>): void {
  expect(text).not.toContain('://')
  expect(text).not.toContain('\n')
  for (const written of [text, ...blocks.flatMap(mrkdwnOf)]) {
    expectShown(written)
    expect(foreignMarkup(written)).toEqual([])
    expect([0, 2]).toContain(written.split('```').length - 1)
  }
  for (const plain of blocks.flatMap(plainTexts)) {
    expectShown(plain)
    expect(plain).not.toMatch(/[<>]/)
  }
}

/** For text that no mark-up is read in, such as a file or a terminal. */
export function expectShown(written: string): void {
  expect(written).not.toMatch(unseen)
  expect(written).not.toMatch(/ghp_a/)
  expect(written.isWellFormed()).toBe(true)
}

const unseen = /(?!\n)\p{Cc}|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u

function mrkdwnOf(block: KnownBlock): string[] {
  if (block.type === 'section') return [block.text?.text ?? '']
  if (block.type === 'context') return block.elements.map((element) => ('text' in element ? element.text : ''))
  return []
}

function plainTexts(block: KnownBlock): string[] {
  if (block.type !== 'actions') return []
  return block.elements.flatMap((element) => {
    if (element.type === 'overflow') return [...element.options.map(({ text }) => text.text), ...confirmTexts(element)]
    if (element.type === 'button') return [element.text.text, ...confirmTexts(element)]
    throw new Error(`a ${element.type}`)
  })
}

function confirmTexts({ confirm }: { confirm?: ConfirmationDialog }): string[] {
  return confirm ? [confirm.title, confirm.text, confirm.confirm, confirm.deny].map((each) => each?.text ?? '') : []
}

/** Everything in angle brackets that is not one of the things we write ourselves. */
function foreignMarkup(text: string): string[] {
  const ours =
    /^<(?:!date\^\d+\^\{date_short_pretty\} \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC|https?:\/\/[^<>|\s]+\|[^<>|]*|@U012AB3CD)>$/
  const stray = text.replace(/<[^<>]*>/g, (token) => (ours.test(token) ? '' : token))
  return stray.match(/[<>].{0,20}/g) ?? []
}
