/** The word that was probably meant: at most two letters off, and fewer than half of it. Null when none is near. */
export function nearest(typed: string, words: string[]): string | null {
  const ranked = words
    .map((word) => ({ word, off: distance(typed.slice(0, 40), word) }))
    .toSorted((one, other) => one.off - other.off)
  const [best] = ranked
  return best && best.off <= 2 && best.off * 2 < best.word.length ? best.word : null
}

/** Letters to add, drop or change to get from one word to the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1]
    for (let column = 1; column <= other.length; column++) {
      const change = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
