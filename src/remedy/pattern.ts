/** Does the name fit, its case aside? `*` stands for any text. Walks the pieces from left to right: linear, whatever the pattern. */
export function matches(pattern: string, name: string): boolean {
  const text = name.toLowerCase()
  const pieces = pattern.toLowerCase().split('*')
  const first = pieces.shift() ?? ''
  const last = pieces.pop()
  if (last === undefined) return text === first
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let from = first.length
  for (const piece of pieces) {
    const at = text.indexOf(piece, from)
    if (at === -1) return false
    from = at + piece.length
  }
  return from <= text.length - last.length
}
