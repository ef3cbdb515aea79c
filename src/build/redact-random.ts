import { mask } from './redact.ts'

/**
 * Masks long words that look random. It is asked for, never the rule: a builder's log is full of random words that are
 * no secrets. Digests, commits and hashes of packages stay, as far as they show what they are.
 */
export function withoutRandom(text: string): string {
  return text.replace(longWord, (word, at: number) => (isRandom(word) && !isHash(text, word, at) ? mask : word))
}

const longWord = /[A-Za-z0-9+/_=-]{20,}/g

/** Of all three kinds of characters, and hardly any of them twice: four bits each, where prose has three. */
function isRandom(word: string): boolean {
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || (word.match(/\d/g) ?? []).length < 2) return false
  return word.split(/[/_-]/).some((part) => part.length >= 16) && bitsPerCharacter(word) >= 4
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
