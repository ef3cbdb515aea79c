/** Does the name fit, its case aside, as GitHub compares repositories? */
export function matches(pattern: string, name: string): boolean {
  return fits(pattern.toLowerCase(), name.toLowerCase())
}

/** `*` stands for any text. Walks the pieces between the stars from left to right: linear, whatever the pattern. */
export function fits(pattern: string, name: string): boolean {
  const pieces = pattern.split('*')
  const first = pieces.shift() ?? ''
  const last = pieces.pop()
  if (last === undefined) return name === first
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  let from = first.length
  for (const piece of pieces) {
    const at = name.indexOf(piece, from)
    if (at === -1) return false
    from = at + piece.length
  }
  return from <= name.length - last.length
}
