import { expect, test } from 'vitest'
import { mergeFinder } from '../../src/build/merge-finder.ts'

const head = 'a'.repeat(40)
const base = 'b'.repeat(40)
const log = `2026-11-22T10:00:00.0000000Z HEAD is now at 1234567 Merge ${head} into ${base}\n`

test('the commits of a merge that was checked out are found wherever the chunks are cut', () => {
  for (let cut = 0; cut <= log.length; cut++) {
    const finder = mergeFinder()
    finder.feed(Buffer.from(log.slice(0, cut)))
    finder.feed(Buffer.from(log.slice(cut)))
    expect(finder.end()).toEqual({ head, base })
  }
})

test('a commit that merely speaks of a merge is none', () => {
  const finder = mergeFinder()
  finder.feed(
    Buffer.from(`HEAD is now at 1234567 Merge branch 'main' into topic\n#7 echo Merge ${head} into ${base}\n`),
  )
  expect(finder.end()).toBeNull()
})
