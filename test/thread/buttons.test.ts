import type { ActionsBlock, Button, KnownBlock } from '@slack/types'
import { describe, expect, test } from 'vitest'
import { actionsBlock, type ButtonShown, feedbackBlock } from '../../src/thread/buttons.ts'
import { violations } from '../../src/thread/limits.ts'

const given = (index: number, over: Partial<ButtonShown> = {}): ButtonShown => ({
  actionId: `layerwise:${index}`,
  text: `Button ${index}`,
  value: `id-${index}`,
  style: null,
  confirm: null,
  ...over,
})
const several = (count: number) => Array.from({ length: count }, (_, index) => given(index))
const question = { title: 'Rebuild?', text: 'It takes a whole build.', yes: 'Rebuild', no: 'Not now', danger: false }
const wrong = (...blocks: KnownBlock[]) => violations({ text: 'x', blocks })

describe('a row of buttons', () => {
  test('of none is no block, which Slack would refuse', () => {
    expect(actionsBlock('a', [])).toBeNull()
  })

  test.each([
    [1, 1, 0],
    [3, 3, 0],
    [4, 3, 1],
    [8, 3, 5],
    [11, 3, 5],
  ])('of %i shows %i and puts %i into a menu', (count, shown, inMenu) => {
    const block = actionsBlock('a', several(count))
    const menu = block?.elements.find((element) => element.type === 'overflow')
    expect(block?.elements.filter(({ type }) => type === 'button')).toHaveLength(shown)
    expect(menu?.options ?? []).toHaveLength(inMenu)
    expect(block && wrong(block)).toEqual([])
  })

  test('asks before what is costly, also in the menu', () => {
    const block = actionsBlock('a', [...several(3), given(3, { confirm: question }), given(4)])
    expect(block?.elements.at(-1)).toMatchObject({ type: 'overflow', confirm: { confirm: { text: 'Start it' } } })
    expect(actionsBlock('a', several(5))?.elements.at(-1)).not.toHaveProperty('confirm')
  })

  test('cuts whatever is too long and gives a name to what has none', () => {
    const long = 'x'.repeat(900)
    const confirm = { title: long, text: long, yes: long, no: long, danger: true }
    const block = actionsBlock('a', [given(0, { text: long, confirm }), given(1, { text: '' })])
    expect(block && wrong(block)).toEqual([])
  })
})

test('thumbs are words for who hears them', () => {
  const block = feedbackBlock({ upId: 'up', downId: 'down' })
  expect(wrong(block)).toEqual([])
  expect(block.elements).toMatchObject([
    {
      action_id: 'layerwise:feedback',
      positive_button: { text: { text: 'Right' }, value: 'up' },
      negative_button: { text: { text: 'Wrong' }, value: 'down' },
    },
  ])
})

describe('what Slack would refuse is found', () => {
  const text = (length: number) => ({ type: 'plain_text' as const, text: 'x'.repeat(length) })
  const button = (over: Partial<Button> = {}): Button => ({
    ...{ type: 'button', action_id: 'a', text: text(1), value: 'v' },
    ...over,
  })
  const row = (...elements: ActionsBlock['elements']): ActionsBlock => ({ type: 'actions', elements })
  const option = (label: number, value = 1) => ({ text: text(label), value: 'v'.repeat(value) })
  const menu = (count: number, label = 1, value = 1) =>
    row({ type: 'overflow', action_id: 'a', options: Array.from({ length: count }, () => option(label, value)) })

  test.each<[string, KnownBlock, boolean]>([
    ['75 characters on a button', row(button({ text: text(75) })), true],
    ['76 characters on a button', row(button({ text: text(76) })), false],
    ['no characters on a button', row(button({ text: text(0) })), false],
    ['a value of 2,000', row(button({ value: 'v'.repeat(2_000) })), true],
    ['a value of 2,001', row(button({ value: 'v'.repeat(2_001) })), false],
    ['an id of 256', row(button({ action_id: 'a'.repeat(256) })), false],
    ['a label of 76', row(button({ accessibility_label: 'x'.repeat(76) })), false],
    ['25 elements', row(...Array.from({ length: 25 }, (_, at) => button({ action_id: `a${at}` }))), true],
    ['26 elements', row(...Array.from({ length: 26 }, (_, at) => button({ action_id: `a${at}` }))), false],
    ['no element', row(), false],
    ['one id twice', row(button(), button()), false],
    ['5 options', menu(5), true],
    ['6 options', menu(6), false],
    ['no option', menu(0), false],
    ['an option of 76', menu(2, 76), false],
    ['an option’s value of 76', menu(2, 1, 76), false],
    [
      'a question of 300',
      row(button({ confirm: { title: text(100), text: text(300), confirm: text(30), deny: text(30) } })),
      true,
    ],
    [
      'a question of 301',
      row(button({ confirm: { title: text(1), text: text(301), confirm: text(1), deny: text(1) } })),
      false,
    ],
    [
      'a title of 101',
      row(button({ confirm: { title: text(101), text: text(1), confirm: text(1), deny: text(1) } })),
      false,
    ],
    [
      'an answer of 31',
      row(button({ confirm: { title: text(1), text: text(1), confirm: text(31), deny: text(1) } })),
      false,
    ],
    ['a date picker', row({ type: 'datepicker', action_id: 'a' }), false],
  ])('%s', (_, block, fine) => {
    expect(wrong(block).length === 0).toBe(fine)
  })

  test('one id in two rows', () => {
    const two = [
      { ...row(button()), block_id: '1' },
      { ...row(button()), block_id: '2' },
    ]
    expect(wrong(...two)).toEqual(['an action_id stands twice'])
  })
})
