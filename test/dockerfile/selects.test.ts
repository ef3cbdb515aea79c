import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readIgnore } from '../../src/dockerfile/ignore.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'
import { isSure, selected, selectorOf } from '../../src/dockerfile/selects.ts'

const files = ['package.json', 'src/a.ts', 'src/b/c.md', 'web/src/a.ts', 'README.md', 'app/[slug]/x.ts']

describe('files', () => {
  test.each([
    ['COPY . .', files],
    ['COPY / .', files],
    ['COPY ../../.. .', files],
    ['COPY src .', ['src/a.ts', 'src/b/c.md']],
    ['COPY ./src/ /src/', ['src/a.ts', 'src/b/c.md']],
    ['COPY /package.json "README.md" ./', ['package.json', 'README.md']],
    ['COPY ["src/b", "./"]', ['src/b/c.md']],
    ['COPY *.md *.json ./', ['package.json', 'README.md']],
    ['COPY src/* .', ['src/a.ts', 'src/b/c.md']],
    ['COPY s?c [q-s]* ./', ['src/a.ts', 'src/b/c.md']],
    ['COPY ** ./', files],
    ['COPY --from=x . .', []],
    ['COPY --exclude=*.md . .', ['package.json', 'src/a.ts', 'src/b/c.md', 'web/src/a.ts', 'app/[slug]/x.ts']],
    ['COPY --exclude=**/*.md src .', ['src/a.ts']],
    ['COPY --exclude=b src .', ['src/a.ts']],
    ['COPY --exclude=*.md *.md *.json .', ['package.json']],
    ['COPY --parents ./src/./b .', ['src/b/c.md']],
    ['COPY --parents **/a.ts .', ['src/a.ts', 'web/src/a.ts']],
    ['COPY ${APP}/a.ts .', ['src/a.ts', 'web/src/a.ts']],
    ['ADD https://a/package.json /x/', []],
    ['ADD git@github.com:a/src.git /x/', []],
    ['COPY <<EOF /x\nEOF', []],
    ['RUN --mount=type=bind,source=src,target=/x make', ['src/a.ts', 'src/b/c.md']],
    ['RUN --mount=target=/x make', files],
    ['RUN --mount=type=bind,from=x,target=/x make', []],
    ['ONBUILD COPY . .', []],
    ['RUN make', []],
  ])('%s', (line, expected) => {
    expect(selected(instruction(line), files, null)).toEqual(expected)
  })

  test('that are ignored are not selected', () => {
    expect(selected(instruction('COPY . .'), files, readIgnore('**/*.md\nweb'))).toEqual([
      'package.json',
      'src/a.ts',
      'app/[slug]/x.ts',
    ])
  })

  test('are found by the values of variables, and without them more may be selected', () => {
    const copy = instruction('COPY ${APP:-x}/package.json $APP/src/ ./')
    const values = new Map([['APP', { value: 'web' }]])
    expect(selected(copy, files, null, values)).toEqual(['web/src/a.ts'])
    expect([isSure(copy), isSure(copy, values), isSure(instruction('COPY src .'))]).toEqual([false, true, true])
  })

  test('of Windows are the same', () => {
    expect(selected(instruction('COPY src .'), ['src\\a.ts'], null)).toEqual(['src\\a.ts'])
  })
})

describe('a folder or a pattern', () => {
  test.each([
    ['COPY . .', '.git/', '', '.git/'],
    ['COPY . .', '.git/', '.git', null],
    ['COPY .git/HEAD .', '.git/', '', '.git/'],
    ['COPY vendor .', 'vendor/lib/', '', 'vendor/lib/'],
    ['COPY vendor .', 'vendored/lib/', '', null],
    ['COPY . .', './', '*\n!src', './'],
    ['COPY . .', '**', '', './'],
    ['COPY . .', 'web/**', '', 'web/'],
    ['COPY package.json .', '**', '', 'package.json'],
    ['COPY package.json .', '**', 'package.json', null],
    ['COPY web/package*.json .', 'web/**', '', 'web/package*.json'],
    ['COPY src .', 'web/**', '', null],
    ['COPY src .', '*.md', '', null],
    ['COPY src .', '*/a.ts', '', 'src'],
    ['COPY src/lib .', '*/docs/**', '', null],
    ['COPY web .', 'web/*.ts', '', 'web/*.ts'],
  ])('%s of %s, ignoring %j: %s', (line, path, ignore, expected) => {
    expect(selectorOf(instruction(line), readIgnore(ignore))(path)).toBe(expected)
  })
})

test('nothing is selected that was not asked about, and no source makes it fail', () => {
  const source = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom('*', '?', '[', ']', 'a', '/', '.', '$', '{', '\\', '-')).map((all) => all.join('')),
  )
  const path = fc.array(fc.constantFrom('a', 'b', '.a', 'a b'), { minLength: 1 }).map((all) => all.join('/'))
  fc.assert(
    fc.property(source, fc.array(path), fc.string(), (written, paths, ignore) => {
      const found = selected(instruction(`COPY ${written.replaceAll('\n', '')} x /`), paths, readIgnore(ignore))
      expect(found.filter((one) => !paths.includes(one))).toEqual([])
    }),
  )
})

test('3,000 paths and 100 instructions are quick', () => {
  const paths = Array.from({ length: 3000 }, (_, at) => `packages/p${at % 50}/src/folder/file-${at}.ts`)
  const lines = Array.from({ length: 100 }, (_, at) => `COPY packages/p${at}/src packages/*/package.json file-${at} ./`)
  const { stages } = readDockerfile(`FROM a\n${lines.join('\n')}`, 'Dockerfile')
  const ignore = readIgnore('**/node_modules\n*.md\n!README.md\n.git\n**/*.test.ts')
  const started = performance.now()
  for (const one of stages[0]?.instructions ?? []) selected(one, paths, ignore)
  expect(performance.now() - started).toBeLessThan(1000)
})

function instruction(line: string) {
  const found = readDockerfile(`FROM a\n${line}\n`, 'Dockerfile').stages[0]?.instructions[1]
  if (!found) throw new Error(`no instruction in ${line}`)
  return found
}
