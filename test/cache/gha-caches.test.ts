import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readGhaKey, refHashOf } from '../../src/cache/gha-caches.ts'

const digest = `sha256:${'ab'.repeat(32)}`

test.each([
  ['index-buildkit-1-ab12cd34#1', { scope: 'buildkit', refHash: 'ab12cd34', generation: 1, isSigned: false }],
  ['index-buildkit-1-ab12cd34-sig#12', { scope: 'buildkit', refHash: 'ab12cd34', generation: 12, isSigned: true }],
  [
    'index-web-linux-amd64-1-ab12cd34#3',
    { scope: 'web-linux-amd64', refHash: 'ab12cd34', generation: 3, isSigned: false },
  ],
  ['index-1-1-1-1-ab12cd34#3', { scope: '1-1-1', refHash: 'ab12cd34', generation: 3, isSigned: false }],
  ['index-a-1-00000000-1-ab12cd34#3', { scope: 'a-1-00000000', refHash: 'ab12cd34', generation: 3, isSigned: false }],
  ['index-a#1-1-ab12cd34#3', { scope: 'a#1', refHash: 'ab12cd34', generation: 3, isSigned: false }],
  ['index--1-ab12cd34#0', { scope: '', refHash: 'ab12cd34', generation: 0, isSigned: false }],
])('%s is an index', (key, index) => {
  expect(readGhaKey(key)).toEqual({ kind: 'index', ...index })
})

test('a blob is told by its digest', () => {
  expect(readGhaKey(`buildkit-blob-1-${digest}`)).toEqual({ kind: 'blob', digest })
})

test.each([
  'index-buildkit-1-ab12cd34',
  'index-buildkit-2-ab12cd34#1',
  'index-buildkit-1-AB12CD34#1',
  'buildkit-blob-1-sha256:abc',
  'buildx-Linux-abc',
  'node-cache-Linux-x64-npm-1',
  '',
])('%j is of somebody else', (key) => {
  expect(readGhaKey(key)).toEqual({ kind: 'other' })
})

test('an index is tied to the ref that wrote it', () => {
  const full = createHash('sha256').update('refs/heads/main').digest('hex')
  expect(full.startsWith(refHashOf('refs/heads/main'))).toBe(true)
  expect(refHashOf('refs/heads/main')).toMatch(/^[0-9a-f]{8}$/)
  expect(refHashOf('refs/pull/12/merge')).not.toBe(refHashOf('refs/heads/main'))
  expect(refHashOf('')).toBe('e3b0c442')
})
