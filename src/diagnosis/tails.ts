import type { PlacedLine } from '../build/place.ts'

/**
 * The last lines under each vertex and each job step, for a failure that no sign explains. Bounded: a vertex's lines
 * are dropped once it is through, and only the newest owners are remembered.
 */
export type Tails = { read(line: PlacedLine): void; of(owner: unknown): TailLine[] }
export type TailLine = { line: number; text: string }

const linesKept = 200
const ownersKept = 40

export function tails(): Tails {
  const kept = new Map<unknown, { lines: TailLine[]; next: number }>()

  function ringOf(owner: unknown): { lines: TailLine[]; next: number } {
    const known = kept.get(owner)
    if (known) return known
    const ring = { lines: [], next: 0 }
    kept.set(owner, ring)
    if (kept.size > ownersKept) forgetOne()
    return ring
  }

  /** Prefers an owner that is through; the failing one never is. */
  function forgetOne(): void {
    for (const owner of kept.keys()) {
      if (
        typeof owner === 'object' &&
        owner !== null &&
        'status' in owner &&
        (owner.status === 'done' || owner.status === 'cached')
      ) {
        kept.delete(owner)
        return
      }
    }
    kept.delete(kept.keys().next().value)
  }

  return {
    read(line) {
      const ring = ringOf(line.vertex ?? line.jobStep ?? line.build)
      ring.lines[ring.next] = { line: line.number, text: line.text }
      ring.next = (ring.next + 1) % linesKept
    },
    of(owner) {
      const ring = kept.get(owner)
      if (!ring) return []
      return [...ring.lines.slice(ring.next), ...ring.lines.slice(0, ring.next)]
    },
  }
}
