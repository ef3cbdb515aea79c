/**
 * Finds many literals in one pass, without case (Aho and Corasick, 1975), in bytes or in text. What is walked is a table
 * that fits the processor's cache: of each literal it knows only its rarest few characters. Where those stand, the whole
 * literal is compared.
 */
export type LiteralFinder = {
  /** Calls `onFound` once with the index of each literal that the text contains. */
  inText(text: string, onFound: (literal: number) => void): void
  /** knows a part of each literal, and as further kinds whatever else is to be found */
  readonly table: Automaton
  /** for each literal how many of its characters lie before the end of its part */
  readonly partEnds: readonly number[]
}

/** `literals` are lower-cased ASCII; `others` are of further kinds, and not looked for in texts. */
export function literalFinder(literals: string[], ...others: string[][]): LiteralFinder {
  const partEnds = literals.map(endOfRarestPart)
  const parts = literals.map((literal, index) => {
    const end = partEnds[index] ?? 0
    return literal.slice(Math.max(0, end - longestPart), end)
  })
  const table = automaton([parts, ...others])
  const { classes, next, kinds, found } = table
  const accepting = kinds[0] ?? 0
  /** the turn in which a literal was found last */
  const seen = new Int32Array(literals.length)
  let turn = 0

  /** `end`: where a part of it ends in the text */
  function standsAt(text: string, end: number, literal: number): boolean {
    const whole = literals[literal] ?? ''
    const from = end - (partEnds[literal] ?? 0)
    return from >= 0 && text.slice(from, from + whole.length).toLowerCase() === whole
  }

  return {
    table,
    partEnds,
    inText(text, onFound) {
      let state = 0
      turn++
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at)
        state = next[state + (code < 128 ? (classes[code] ?? 0) : 0)] ?? 0
        if (state < accepting) continue
        for (const literal of found(state)) {
          if (literal >= literals.length || seen[literal] === turn || !standsAt(text, at + 1, literal)) continue
          seen[literal] = turn
          onFound(literal)
        }
      }
    },
  }
}

/**
 * A dense table over few classes of characters; class 0 is every byte that no part uses, capital and small letters share
 * a class. A state is the index of its row.
 */
export type Automaton = {
  /** class of each byte */
  classes: Uint8Array
  next: Int32Array
  /** for each kind the first of its states: those from `kinds[0]` on end a part of kind 0 or higher, and so on */
  kinds: number[]
  /** indexes of the parts, over all kinds, that end in this state */
  found(state: number): readonly number[]
}

/** `parts` by kind, lower-cased; each character is one byte (Latin-1). */
export function automaton(parts: string[][]): Automaton {
  const all = parts.flat()
  const { classes, count } = bytesToClasses(all)
  const trie = buildTrie(all, classes, count)
  completeTransitions(trie, count)
  return renumber(trie, { classes, count, kindOf: parts.flatMap((group, kind) => group.map(() => kind)) }, parts.length)
}

function bytesToClasses(parts: string[]): { classes: Uint8Array; count: number } {
  const classes = new Uint8Array(256)
  let count = 1
  for (const part of parts) {
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at)
      if (classes[code] !== 0) continue
      classes[code] = count
      if (code >= 97 && code <= 122) classes[code - 32] = count
      count++
    }
  }
  return { classes, count }
}

/** Rows of `count` children; 0 is none, for nothing leads back to the root. */
type Trie = { next: Int32Array; size: number; ends: number[][] }

function buildTrie(parts: string[], classes: Uint8Array, count: number): Trie {
  const most = parts.reduce((sum, part) => sum + part.length, 1)
  const next = new Int32Array(most * count)
  const ends: number[][] = [[]]
  parts.forEach((part, index) => {
    let node = 0
    for (let at = 0; at < part.length; at++) {
      const slot = node * count + (classes[part.charCodeAt(at)] ?? 0)
      if (next[slot] === 0) next[slot] = ends.push([]) - 1
      node = next[slot] ?? 0
    }
    ends[node]?.push(index)
  })
  return { next, size: ends.length, ends }
}

/** Breadth first: a missing child continues where the longest proper suffix would. */
function completeTransitions({ next, size, ends }: Trie, count: number): void {
  const fallback = new Int32Array(size)
  const queue: number[] = []
  for (let slot = 0; slot < count; slot++) if (next[slot]) queue.push(next[slot] ?? 0)
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head] ?? 0
    const suffix = fallback[node] ?? 0
    const inherited = ends[suffix] ?? []
    if (inherited.length > 0) ends[node]?.push(...inherited)
    for (let slot = 0; slot < count; slot++) {
      const child = next[node * count + slot] ?? 0
      const elsewhere = next[suffix * count + slot] ?? 0
      if (child === 0) next[node * count + slot] = elsewhere
      else {
        fallback[child] = elsewhere
        queue.push(child)
      }
    }
  }
}

type Numbering = { classes: Uint8Array; count: number; kindOf: number[] }

/** States are sorted by the highest kind of what ends in them, so that one comparison tells it. */
function renumber({ next, size, ends }: Trie, { classes, count, kindOf }: Numbering, kinds: number): Automaton {
  const ranks = ends.map((parts) => parts.reduce((rank, part) => Math.max(rank, (kindOf[part] ?? 0) + 1), 0))
  const order = [...ends.keys()].sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0))
  const rows = new Int32Array(size)
  order.forEach((node, at) => {
    rows[node] = at * count
  })
  const moved = new Int32Array(size * count)
  for (let node = 0; node < size; node++) {
    const row = rows[node] ?? 0
    for (let slot = 0; slot < count; slot++) moved[row + slot] = rows[next[node * count + slot] ?? 0] ?? 0
  }
  const firstOf = (kind: number) => ranks.filter((rank) => rank <= kind).length * count
  return {
    classes,
    next: moved,
    kinds: Array.from({ length: kinds }, (_, kind) => firstOf(kind)),
    found: (state) => ends[order[state / count] ?? 0] ?? [],
  }
}

/** Longer parts would make the table larger than they make it more certain. */
const longestPart = 6

/**
 * Where in a literal the part ends that is the least likely to stand in a log by chance: rare characters, and pieces of
 * two words side by side rather than of one, which stands in many places.
 */
function endOfRarestPart(literal: string): number {
  let best = Math.min(longestPart, literal.length)
  let most = 0
  for (let end = longestPart; end <= literal.length; end++) {
    let bits = 0
    let between = 0
    for (let at = end - longestPart; at < end; at++) {
      const own = bitsOf[literal.charCodeAt(at)] ?? rarest
      bits += own
      if (at > end - longestPart && at < end - 1 && literal[at] === ' ') between = 10
    }
    if (bits + between <= most) continue
    most = bits + between
    best = end
  }
  return best
}

/** About the bits that a text tells, by how often its characters stand in logs. */
export function rarity(text: string): number {
  let bits = 0
  for (let at = 0; at < text.length; at++) bits += bitsOf[text.charCodeAt(at)] ?? rarest
  return bits
}

const byFrequency = ' etaoinsrlcd./p-mu0123hg4567bf89v:_kwy'
const rarest = 9
const bitsOf = new Float64Array(128).fill(rarest)
for (let rank = 0; rank < byFrequency.length; rank++) bitsOf[byFrequency.charCodeAt(rank)] = 3 + rank / 6
