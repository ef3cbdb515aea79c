import type { Mrkdwn } from '../../thread/escape.ts'
import { privately } from '../../thread/remedy-wording.ts'
import type { RemedyWorld } from './world.ts'

/** An answer that only the person sees who pressed or typed. */
export async function tellAlone(
  { respond }: Pick<RemedyWorld, 'respond'>,
  responseUrl: string,
  words: Mrkdwn,
): Promise<void> {
  await respond(responseUrl, privately(words))
}
