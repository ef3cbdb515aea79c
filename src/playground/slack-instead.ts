import { refusedBlocks } from './slack-blocks.ts'
import type { ApiCall, ApiResult } from './slack-front.ts'
import type { LocalModals } from './slack-modals.ts'
import { type LocalPerson, tellPerson } from './slack-people.ts'

export const appToken = 'xapp-1-LOCAL-0000000000'
export const botToken = 'xoxb-local-0000000000'

export type Instead = {
  people: Map<string, LocalPerson>
  scopes: string[]
  modals: LocalModals
  pictures: Map<string, Buffer>
  ticket(): string
  /** ids of channels */
  botIsIn: string[]
}

/** Where Slack is stricter than emulate, or knows more. */
export function instead(call: ApiCall, token: string, at: Instead): ApiResult | null {
  const { method, args } = call
  if (method === 'apps.connections.open')
    return token === appToken ? { ok: true, url: at.ticket() } : { ok: false, error: 'invalid_auth' }
  if (token !== botToken) return { ok: false, error: 'invalid_auth' }
  if (method === 'users.info') return tellPerson(call, at.people, at.scopes)
  if (method === 'views.open') return at.modals.opened(call)
  if (!method.startsWith('chat.')) return null
  if (!at.botIsIn.includes(String(args.channel)))
    return { ok: false, error: /^[CG]/.test(String(args.channel)) ? 'not_in_channel' : 'channel_not_found' }
  return refusedBlocks(args.blocks) ?? refusedPicture(args.blocks, at.pictures)
}

/** An image block shows a file of the bot's own. (Slack takes some seconds more until it does: an outage to be asked for.) */
function refusedPicture(blocks: unknown, pictures: Map<string, Buffer>): ApiResult | null {
  if (!Array.isArray(blocks)) return null
  const files = blocks.flatMap((block) => block?.slack_file?.id ?? [])
  return files.every((id) => pictures.has(id)) ? null : { ok: false, error: 'invalid_blocks' }
}
