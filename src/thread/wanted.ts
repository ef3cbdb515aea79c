import type { KnownBlock } from '@slack/types'

/**
 * A message that should stand in Slack. `tag` names it for ever: the same tag posted again is an update of the same
 * message, never a second one.
 */
export type WantedMessage = {
  tag: string
  /** tag of the parent message whose thread this belongs in; null for a parent */
  parent: string | null
  /** one line that says the same as the blocks; notifications and screen readers read only this */
  text: string
  blocks: KnownBlock[]
  /** show a thread reply in the channel too: only for *broke* and *fixed* */
  broadcast?: boolean
}
