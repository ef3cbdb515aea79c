import { describe, expect, test } from 'vitest'
import { type ChangedFile, readChangedFiles } from '../../src/cache/changed-files.ts'

const read = (text: string) => readChangedFiles(text).files.map(({ path, change }) => `${change} ${path}`)
const zero = '0'.repeat(7)

describe('a line of the list', () => {
  test.each<[string, string, string[]]>([
    ['a plain path', 'src/a.ts', ['unknown src/a.ts']],
    ['a path with blanks in it', 'docs/read me.md', ['unknown docs/read me.md']],
    ['one that begins with a dot', '.github/workflows/ci.yml', ['unknown .github/workflows/ci.yml']],
    ['one from the current folder', './src/a.ts', ['unknown src/a.ts']],
    ['Windows slashes', 'src\\web\\a.ts', ['unknown src/web/a.ts']],
    ['from the current folder of Windows', '.\\src\\a.ts', ['unknown src/a.ts']],
    ['a folder', 'generated/', ['unknown generated/']],
    ['a pattern', 'web/**', ['unknown web/**']],
    ['blanks around it', '  src/a.ts\t', ['unknown src/a.ts']],
    ['nothing', '', []],
    ['a comment', '# git diff --name-only', []],
    ['a name with a # in it', 'src/#1.ts', ['unknown src/#1.ts']],
    ['the mode only', 'run.sh (mode only)', ['mode run.sh']],
    ['the time only', 'run.sh (mtime only)', []],
    ['quoted, with octal bytes', '"docs/\\303\\244.md"', ['unknown docs/ä.md']],
    ['quoted, with a quote in it', '"a\\"b"', ['unknown a"b']],
    ['quoted, with a tab and a backslash in it', '"a\\tb\\\\c"', ['unknown a\tb\\c']],
    ['quoted, with four bytes of one letter', '"\\360\\237\\246\\200.rs"', ['unknown 🦀.rs']],
    ['quoted, with letters that are not escaped', '"docs/ä \\"x\\".md"', ['unknown docs/ä "x".md']],
    ['quoted and the mode only', '"\\303\\244.sh" (mode only)', ['mode ä.sh']],
    ['added', 'A\tsrc/a.ts', ['added src/a.ts']],
    ['modified', 'M\tsrc/a.ts', ['modified src/a.ts']],
    ['deleted', 'D\tsrc/a.ts', ['deleted src/a.ts']],
    ['another type', 'T\tlink', ['modified link']],
    ['in conflict', 'U\ta', ['modified a']],
    ['renamed', 'R100\told/a.ts\tnew/a.ts', ['deleted old/a.ts', 'added new/a.ts']],
    ['renamed and edited', 'R087\told.ts\tnew.ts', ['deleted old.ts', 'added new.ts']],
    ['renamed, both quoted', 'R100\t"\\303\\244"\t"\\303\\266"', ['deleted ä', 'added ö']],
    ['copied', 'C075\ta\tb', ['added b']],
    ['with blanks for the tab', 'M   src/a.ts', ['modified src/a.ts']],
    ['of the work tree, as git status --short has it', ' M src/a.ts', ['modified src/a.ts']],
    ['of the index, the same', 'M  src/a.ts', ['modified src/a.ts']],
    ['of both, the same', 'AM src/a.ts', ['added src/a.ts']],
    ['renamed, the same', 'R  old -> new', ['deleted old', 'added new']],
    ['untracked, as git status --short has it', '?? gen/', ['added gen/']],
    ['a file that is called like a status', 'M', ['unknown M']],
    ['raw', `:100644 100644 1111111 2222222 M\ta`, ['modified a']],
    ['raw, with shas cut by dots', `:100644 100644 1111111... 2222222... M\ta`, ['modified a']],
    ['raw, the mode only', `:100644 100755 1111111 1111111 M\trun.sh`, ['mode run.sh']],
    ['raw, mode and content', `:100644 100755 1111111 2222222 M\trun.sh`, ['modified run.sh']],
    ['raw, of the work tree', `:100644 100755 1111111 ${zero} M\trun.sh`, ['modified run.sh']],
    ['raw, added', `:000000 100644 ${zero} 1111111 A\ta`, ['added a']],
    ['raw, deleted', `:100644 000000 1111111 ${zero} D\ta`, ['deleted a']],
    ['raw, renamed', `:100644 100644 1111111 1111111 R100\ta\tb`, ['deleted a', 'added b']],
    ['raw, renamed with another mode', `:100644 100755 1111111 1111111 R100\ta\tb`, ['deleted a', 'added b']],
    ['raw, from file to link', `:100644 120000 1111111 2222222 T\ta`, ['modified a']],
    ['raw, a submodule that moved', `:160000 160000 1111111 2222222 M\tvendor/lib`, ['modified vendor/lib/']],
    ['raw, a submodule that is new', `:000000 160000 ${zero} 1111111 A\tvendor/lib`, ['modified vendor/lib/']],
    ['raw, a submodule quoted', `:160000 160000 1111111 2222222 M\t"\\303\\244"`, ['modified ä/']],
    [
      'raw, a submodule that got another place',
      `:160000 160000 1111111 1111111 R100\told\tnew`,
      ['modified old/', 'modified new/'],
    ],
  ])('%s', (_, line, told) => {
    expect(read(line)).toEqual(told)
  })
})

test('lines end as Unix, Windows and old Macs end them, and the last one need not', () => {
  const wanted = ['unknown a', 'modified b']
  for (const end of ['\n', '\r\n', '\r']) {
    expect(read(`a${end}M\tb${end}`)).toEqual(wanted)
    expect(read(`a${end}M\tb`)).toEqual(wanted)
  }
})

test('paths may be divided by zero bytes, as git diff -z has them', () => {
  expect(read('a\0docs/ä.md\0')).toEqual(['unknown a', 'unknown docs/ä.md'])
})

test('a byte order mark is no part of the first path', () => {
  expect(read('\uFEFFsrc/a.ts\nb')).toEqual(['unknown src/a.ts', 'unknown b'])
})

test('nothing at all is a list that nothing is lacking in', () => {
  expect(readChangedFiles('')).toEqual({ files: [], complete: true, because: null, between: null })
})

test('what is no list at all is read without a fault', () => {
  const noise = Buffer.from(Uint8Array.from({ length: 9_000 }, (_, at) => (at * 37) % 256)).toString('utf8')
  const files: ChangedFile[] = readChangedFiles(noise).files
  expect(files.every(({ path }) => path !== '')).toBe(true)
})
