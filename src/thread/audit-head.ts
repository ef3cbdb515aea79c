import { section } from './blocks.ts'
import { clean, code, cut, join, md, moment, plainLine } from './escape.ts'
import { counted } from './remedy-names.ts'
import type { WantedMessage } from './wanted.ts'

export type AuditHead = {
  /** null: nothing was ever written */
  head: { seq: number; hash: string } | null
  rows: number
  /** where the chain is broken, in words; null: it is whole */
  broken: string | null
  /** when it was looked at, ISO 8601 */
  at: string
}

/** One message a day: whoever keeps it can tell later whether a row was changed or cut off. */
export function planAuditHead({ head, rows, broken, at }: AuditHead): WantedMessage {
  const day = at.slice(0, 10)
  const tag = `audit-head:${day}`
  if (broken !== null) {
    const what = `The audit chain is broken: ${cut(broken, 300)}`
    const stop = md`Nothing is carried out until an admin has looked: ${code('layerwise audit verify')}`
    const first = md`:rotating_light: *The audit chain is broken*: ${cut(broken, 300)}. ${moment(at)}`
    return { tag, parent: null, text: plainLine(what), blocks: [section('audit', join([first, stop], '\n'))] }
  }
  const text = plainLine(
    `Audit of ${day}: ${counted(rows, 'row')}, ${head === null ? 'nothing written yet' : `head ${clean(head.hash).slice(0, 16)}`}`,
  )
  const last = head === null ? md`nothing is written yet` : md`row ${head.seq} has the hash ${code(cut(head.hash, 80))}`
  const words = md`:lock: *Audit*: ${counted(rows, 'row')}, the chain is whole; ${last}. ${moment(at)}`
  const how = md`${code('layerwise audit verify')} finds this hash again as long as nobody has changed a row up to here.`
  return { tag, parent: null, text, blocks: [section('audit', join([words, how], '\n'))] }
}
