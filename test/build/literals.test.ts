import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { literalFinder } from '../../src/build/literals.ts'

function found(literals: string[], text: string): number[] {
  const hits: number[] = []
  literalFinder(literals).inText(text, (literal) => hits.push(literal))
  return hits
}

/** The literals that stand in a text, the plain way. */
function naive(literals: string[], text: string): number[] {
  const lower = text.toLowerCase()
  return [...literals.keys()].filter((index) => lower.includes(literals[index] ?? ''))
}

const sorted = (hits: number[]) => hits.toSorted((a, b) => a - b)

describe('finds what a plain search finds', () => {
  test('in texts of few letters, where literals overlap, contain and follow each other', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 })
    const literals = fc.uniqueArray(few, { minLength: 1, maxLength: 12 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', 'B', ' '), maxLength: 80 })
    fc.assert(
      fc.property(literals, text, (literals, text) => {
        expect(sorted(found(literals, text))).toEqual(naive(literals, text))
      }),
      { numRuns: 2000 },
    )
  })

  test('in any text, with literals of any printable characters', () => {
    const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 })
    const literals = fc.uniqueArray(
      printable.map((text) => text.toLowerCase()),
      { minLength: 1, maxLength: 8 },
    )
    // İ and the Kelvin sign have lower-case forms in ASCII, which a search of log text need not know
    const other = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\u0130\u212a]/.test(text))
    const cases = literals.chain((literals) =>
      fc.tuple(fc.constant(literals), fc.array(fc.oneof(fc.constantFrom(...literals), other), { maxLength: 10 })),
    )
    fc.assert(
      fc.property(cases, fc.boolean(), ([literals, parts], shout) => {
        const text = parts.map((part) => (shout ? part.toUpperCase() : part)).join('')
        // upper case of ß is SS: then the text is another one, and both searches see the same
        expect(sorted(found(literals, text))).toEqual(naive(literals, text))
      }),
      { numRuns: 1000 },
    )
  })
})

test('each literal is told once, in the order of the text', () => {
  expect(found(['she', 'he', 'hers'], 'USHERS, she')).toEqual([0, 1, 2])
})

test('the same finder can be used again: nothing is left of the text before', () => {
  const find = literalFinder(['abcd'])
  const hits: number[] = []
  find.inText('xab', (literal) => hits.push(literal))
  find.inText('cd', (literal) => hits.push(literal))
  expect(hits).toEqual([])
})

test('no literals, no hits', () => {
  expect(found([], 'anything')).toEqual([])
})
