import { mask } from '../redact.ts'

/**
 * Masks long words that look random. It is asked for, never the rule: a builder's log is full of random words that are
 * no secrets. Digests, commits and hashes of packages stay, as far as they show what they are.
 */
export function withoutRandom(text: string): string {
  return text.replace(longWord, (word, at: number) => (isRandom(word) && !isHash(text, word, at) ? mask : word))
}

const longWord = /[A-Za-z0-9+/_=-]{20,}/g

/**
 * Of all three kinds of characters, and hardly any of them twice: four bits each, where prose has three. Words, numbers
 * and hashes in hex that stand in it do not count: a cache's key has many.
 */
function isRandom(word: string): boolean {
  const rest = word
    .split(/[/_=-]+/)
    .filter((part) => !/^(?:[0-9a-f]{7,}|[A-Za-z][a-z]*\d{0,3}|[A-Z]{1,4}\d{0,3}|\d+)$/.test(part))
    .join('')
  if (rest.length < 16 || !/[a-z]/.test(rest) || !/[A-Z]/.test(rest)) return false
  return (rest.match(/\d/g) ?? []).length >= 2 && bitsPerCharacter(rest) >= 3.7
}

/** Behind the name of its algorithm: `sha512-…`, `sha256:…`, `h1:…` of go.sum. */
function isHash(text: string, word: string, at: number): boolean {
  return (
    /^sha\d+-/.test(word) || /(?:sha\d+[:=-]|\bh1:|integrity[ =:"]{1,3})$/.test(text.slice(Math.max(0, at - 16), at))
  )
}

/** Shannon's entropy. */
function bitsPerCharacter(word: string): number {
  const counts = new Map<string, number>()
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length)
  return bits
}
