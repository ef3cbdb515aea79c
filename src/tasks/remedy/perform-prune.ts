import type { Step } from '../turn.ts'
import { type Outcome, type RequestOf, told } from './outcome.ts'
import { pruneHands } from './prune-hands.ts'
import type { RemedyWorld } from './world.ts'

type PruneRequest = RequestOf<'prune-caches' | 'prune-tags' | 'prune-builder'>

/**
 * Deletes what was agreed to, and nothing else: what is gone is kept at once, so that it goes on where it was cut off and
 * waits when GitHub asks to. Then looks which of the entries are still there.
 */
export async function performPrune(world: RemedyWorld, request: PruneRequest, step: Step): Promise<Outcome> {
  const { executions } = world.store
  const hands = pruneHands(world, request.plan)
  const ids = request.plan.entries.map(({ id }) => String(id))
  const troubles: string[] = []
  for (let at = 0; at < ids.length; at += hands.atOnce) {
    const said = await step(`delete from ${at}`, async () => {
      await executions.calling(request.id, world.now())
      const done = new Set((await executions.get(request.id))?.dealtWith)
      const part = ids.slice(at, at + hands.atOnce).filter((id) => !done.has(id))
      return await hands.remove(part, (id) => executions.dealtWith(request.id, [id]))
    })
    troubles.push(...said)
  }
  return step('look what is left', async () => outcomeOf(request, await hands.left(), troubles))
}

/** `left`: ids of entries that are still there. */
function outcomeOf({ plan }: PruneRequest, left: ReadonlySet<string>, troubles: string[]): Outcome {
  const gone = plan.entries.filter(({ id }) => !left.has(String(id)))
  const bytesFreed = gone.reduce<number>((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  const figures = { entriesGone: gone.length, bytesFreed }
  if (left.size === 0) return { outcome: 'done', result: told(`All ${plan.entries.length} entries are gone.`, figures) }
  const because = troubles[0] === undefined ? '' : ` The first refusal: ${troubles[0]}`
  const words = `${gone.length} of ${plan.entries.length} entries are gone, ${left.size} are still there.${because}`
  return { outcome: 'failed', result: told(words, figures) }
}
