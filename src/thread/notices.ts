import type { KnownBlock } from '@slack/types'
import { section } from './blocks.ts'
import { code, cut, type Mrkdwn, md, moment, person, plainLine } from './escape.ts'
import type { WantedMessage } from './wanted.ts'

/** A switch that changes what the bot does for everybody, so everybody in the channel sees who moved it. */
export type Notice =
  | { kind: 'paused' | 'resumed' | 'dry-run-on' | 'dry-run-off'; by: string; at: string }
  /** it was so before: nobody but who asked has to know */
  | { kind: 'paused-already'; by: string; at: string }
  | { kind: 'resumed-already' | 'dry-run-on-already' | 'dry-run-off-already' }

export function planNotice(notice: Notice): Pick<WantedMessage, 'text' | 'blocks'> {
  const { words, plain } = said(notice)
  const blocks: KnownBlock[] = [section('notice', words)]
  return { text: plainLine(plain), blocks }
}

function said(notice: Notice): { words: Mrkdwn; plain: string } {
  switch (notice.kind) {
    case 'paused':
      return {
        words: md`:double_vertical_bar: *Remedies are paused* by ${who(notice)} ${moment(notice.at)}. Failures are still explained; nothing is run, rebuilt or pruned until ${code('/cache resume')}.`,
        plain: 'Remedies are paused: nothing is run, rebuilt or pruned until /cache resume',
      }
    case 'resumed':
      return {
        words: md`:arrow_forward: *Remedies work again*, resumed by ${who(notice)} ${moment(notice.at)}. What was refused meanwhile has to be asked for again.`,
        plain: 'Remedies work again',
      }
    case 'dry-run-on':
      return {
        words: md`:information_source: *Dry run is on*, by ${who(notice)} ${moment(notice.at)}. Buttons only show what they would do.`,
        plain: 'Dry run is on: buttons only show what they would do',
      }
    case 'dry-run-off':
      return {
        words: md`:warning: *Dry run is off*, by ${who(notice)} ${moment(notice.at)}. From now on buttons do what they say.`,
        plain: 'Dry run is off: buttons do what they say',
      }
    case 'paused-already':
      return {
        words: md`:information_source: Remedies are paused already, by ${who(notice)} since ${moment(notice.at)}.`,
        plain: 'Remedies are paused already',
      }
    case 'resumed-already':
      return same('Remedies are not paused.')
    case 'dry-run-on-already':
      return same('Dry run is on already.')
    case 'dry-run-off-already':
      return same('Dry run is off already.')
    default:
      return notice satisfies never
  }
}

function who({ by }: { by: string }): Mrkdwn {
  return person(cut(by, 80))
}

function same(plain: string): { words: Mrkdwn; plain: string } {
  return { words: md`:information_source: ${plain}`, plain }
}
