import type { PlacedLine } from '../build/place.ts'
import { redact } from '../build/redact.ts'
import { lastLines, own, type Run, textsOf } from '../build/skim/run.ts'
import { forgetOne, type Owner, ownerOf } from './owner.ts'

/**
 * The last lines under each vertex and each job step, for a failure that no sign explains. Bounded: a vertex's lines
 * are dropped once it is through, only the newest owners are remembered, and of long lines head and tail. Lines that
 * were passed over are kept as bytes and decoded when somebody asks.
 */
export type Tails = {
  read(line: PlacedLine): void
  /** `run.bytes` are lent until `settle` */
  readRun(run: Run): void
  settle(): void
  of(owner: Owner): TailLine[]
}
export type TailLine = { line: number; text: string }

const linesKept = 200
const ownersKept = 40
const textKept = { head: 6_000, tail: 2_000 }

/** What an owner said, in order: single lines and runs of them. */
type Tail = { pieces: (TailLine | Run)[]; lines: number; borrows: boolean }

export function tails(): Tails {
  const kept = new Map<Owner, Tail>()
  let borrowers: Tail[] = []

  function tailOf(owner: Owner): Tail {
    const known = kept.get(owner)
    if (known) return known
    const tail = { pieces: [], lines: 0, borrows: false }
    kept.set(owner, tail)
    if (kept.size > ownersKept) forgetOne(kept)
    return tail
  }

  return {
    read(line) {
      const tail = tailOf(ownerOf(line))
      add(tail, { line: line.number, text: shortened(line.text) })
    },
    readRun(run) {
      const tail = tailOf(ownerOf(run.steady))
      add(tail, run)
      if (!tail.borrows) borrowers.push(tail)
      tail.borrows = true
    },
    settle() {
      if (borrowers.length > 0) own(borrowers.flatMap(borrowed))
      borrowers = []
    },
    of(owner) {
      const pieces = kept.get(owner)?.pieces ?? []
      return pieces.flatMap((piece) => ('steady' in piece ? textsOf(piece) : piece)).slice(-linesKept)
    },
  }
}

function add(tail: Tail, piece: TailLine | Run): void {
  tail.pieces.push(piece)
  tail.lines += linesOf(piece)
  // trimmed now and then: what is too much at the front goes when it is as much as what is kept
  if (tail.pieces.length > 2 * linesKept) trim(tail)
}

function trim(tail: Tail): void {
  let first = 0
  for (const piece of tail.pieces) {
    if (tail.lines - linesOf(piece) < linesKept) break
    tail.lines -= linesOf(piece)
    first++
  }
  tail.pieces.splice(0, first)
}

/** The runs whose bytes are lent, cut to the lines that are wanted. */
function borrowed(tail: Tail): Run[] {
  trim(tail)
  const runs: Run[] = []
  let wanted = linesKept
  for (let index = tail.pieces.length - 1; index >= 0; index--) {
    const piece = tail.pieces[index]
    if (piece && 'steady' in piece && !piece.owned) {
      const end = lastLines(piece, wanted)
      tail.pieces[index] = end
      tail.lines -= piece.lines - end.lines
      runs.push(end)
    }
    wanted -= piece ? linesOf(piece) : 0
  }
  tail.borrows = false
  return runs
}

function linesOf(piece: TailLine | Run): number {
  return 'steady' in piece ? piece.lines : 1
}

function shortened(text: string): string {
  if (text.length <= textKept.head + textKept.tail) return text
  // masked before it is cut: of half a secret nobody would know what it is
  const clean = redact(text)
  if (clean.length <= textKept.head + textKept.tail) return clean
  return `${clean.slice(0, textKept.head)} … ${clean.slice(-textKept.tail)}`
}
