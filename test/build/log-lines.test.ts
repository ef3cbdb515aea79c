import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineSplitter } from '../../src/build/log-lines.ts'

function linesOf(...chunks: Uint8Array[]): string[] {
  const lines: string[] = []
  const splitter = lineSplitter((text) => lines.push(text))
  for (const chunk of chunks) splitter.feed(chunk)
  splitter.end()
  return lines
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe('lines of a log', () => {
  test('are the same wherever the chunks are cut', () => {
    const log = bytes('\ufeffone\r\ntwo ✓ €\n\nfour\rand a half\nlast without end')
    const whole = linesOf(log)
    for (let cut = 0; cut <= log.length; cut++) {
      expect(linesOf(log.subarray(0, cut), log.subarray(cut))).toEqual(whole)
    }
  })

  test('are the same however many chunks any bytes come in', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const joined = new Uint8Array(chunks.flatMap((chunk) => [...chunk]))
        expect(linesOf(...chunks)).toEqual(linesOf(joined))
      }),
    )
  })

  test('keep head and tail of a line that is too long, and say so', () => {
    const lines: string[] = []
    const splitter = lineSplitter((text) => lines.push(text))
    splitter.feed(bytes('start '))
    for (let i = 0; i < 200; i++) splitter.feed(bytes('x'.repeat(1000)))
    splitter.feed(bytes(' end\nnext\n'))
    splitter.end()
    expect(lines[0]?.startsWith('start xxx')).toBe(true)
    expect(lines[0]?.endsWith('xxx end')).toBe(true)
    expect(lines[0]?.length).toBeLessThan(70_000)
    expect(lines[1]).toBe('next')
    expect(splitter.seen).toEqual({ bytes: 200_016, lines: 2, clipped: 1 })
  })

  test('invalid UTF-8 and NULs give readable lines', () => {
    expect(linesOf(new Uint8Array([0x61, 0xff, 0x62, 0x0a, 0x63, 0x00, 0x64]))).toEqual(['a\ufffdb', 'cd'])
  })

  test('a UTF-16 log is read as text', () => {
    const utf16 = new Uint8Array([0xff, 0xfe, ...[...'hi\nyou'].flatMap((c) => [c.charCodeAt(0), 0])])
    expect(linesOf(utf16)).toEqual(['hi', 'you'])
    expect(linesOf(utf16.subarray(0, 1), utf16.subarray(1))).toEqual(['hi', 'you'])
  })
})
