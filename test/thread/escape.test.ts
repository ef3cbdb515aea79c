import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clean, code, codeBlock, cut, link, md, moment, person, plainLine, weight } from '../../src/thread/escape.ts'
import { hostile } from './hostile.ts'

describe('what is put into a sentence', () => {
  test('is escaped, what the sentence says itself is not', () => {
    expect(md`*${'<!channel> & co'}* ${md`_${'a>b'}_`}`.mrkdwn).toBe('*&lt;!channel&gt; &amp; co* _a&gt;b_')
  })

  test('stays on its line', () => {
    expect(md`${'a\r\nb\u2028c\td'}`.mrkdwn).toBe('a b c d')
  })

  test('cannot end a code span or a code block', () => {
    expect(code('a`b').mrkdwn).toBe("`a'b`")
    expect(codeBlock(['a ``` <!here>', '`b`']).mrkdwn).toBe("```\na ''' &lt;!here&gt;\n`b`\n```")
  })

  test('has no secret', () => {
    expect(md`${'curl https://me:pa55word@registry.example/v2'}`.mrkdwn).toBe('curl https://***@registry.example/v2')
  })
})

test('a link is made of plain http addresses only', () => {
  expect(link('https://github.com/a/b?x=1&y=<2>', 'a|b').mrkdwn).toBe('<https://github.com/a/b?x=1&amp;y=%3C2%3E|a/b>')
  for (const address of ['javascript:alert(1)', 'not an address', '', `https://a.example/${'x'.repeat(500)}`]) {
    expect(link(address, 'label').mrkdwn).toBe('label')
  }
})

test('a person is an id or plain text', () => {
  expect(person('U012AB3CD').mrkdwn).toBe('<@U012AB3CD>')
  expect(person('!channel').mrkdwn).toBe('!channel')
  expect(person('U1> <!here').mrkdwn).toBe('U1&gt; &lt;!here')
})

test('a moment has a fallback for clients without time zones', () => {
  expect(moment('2026-11-22T01:58:30.000Z').mrkdwn).toBe(
    '<!date^1795312710^{date_short_pretty} {time}|2026-11-22 01:58 UTC>',
  )
})

test('terminal colours, links and half of an escape sequence disappear', () => {
  expect(clean('\u001b[1;31merror\u001b[0m: \u001b]8;;https://evil.example\u0007here\u001b]8;;\u0007\u001b[3')).toBe(
    'error: here',
  )
  expect(clean('a\u202eb\u200bc\ufeffd\u{e0041}e\u0000f')).toBe('abcdef')
})

test('addresses in a notification line have no scheme', () => {
  expect(plainLine('GET https://registry.example/v2/: 503 & x:y:////z')).toBe('GET registry.example/v2/: 503 &amp; x:z')
})

test('a cut keeps both ends, whole characters, and what Slack and JSON count', () => {
  expect(cut('abcdefghijklmnopqrstuvwxyz', 12)).toBe('abcdef … xyz')
  expect(cut('short', 12)).toBe('short')
  fc.assert(
    fc.property(hostile, fc.integer({ min: 10, max: 300 }), (text, max) => {
      const short = cut(text, max)
      expect(weight(short)).toBeLessThanOrEqual(max)
      expect(JSON.stringify(md`${short}`.mrkdwn).length - 2).toBeLessThanOrEqual(max)
      expect(short.isWellFormed()).toBe(true)
    }),
  )
})
