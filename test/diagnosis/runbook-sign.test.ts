import { expect, test } from 'vitest'
import { fillCaptures, readSign } from '../../src/diagnosis/runbook-sign.ts'

test('a sign is a text without case, or a pattern as written', () => {
  expect(readSign('No Space')).toEqual({ kind: 'literal', text: 'no space' })
  expect(readSign('/Exit (\\d+)/')).toEqual({ kind: 'pattern', source: 'Exit (\\d+)', literals: ['exit '], also: [] })
  expect(readSign('/(?=x)look/')).toMatchObject({ wrong: expect.stringContaining('is no RE2 pattern') })
})

test('captures are quoted by name, with other words where they may be missing', () => {
  expect(fillCaptures('{file} and {file|a file}', { file: 'x.c' })).toBe('x.c and x.c')
  expect(fillCaptures('{file|A file} of ${{ github.sha }}', {})).toBe('A file of ${{ github.sha }}')
  expect(fillCaptures('It says {text}. And {text}, too.', { text: 'no x.' })).toBe('It says no x. And no x., too.')
})
