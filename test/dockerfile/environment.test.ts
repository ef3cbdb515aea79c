import fc from 'fast-check'
import { expect, test } from 'vitest'
import { environmentAt } from '../../src/dockerfile/environment.ts'
import { expand } from '../../src/dockerfile/expand.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'

const text = `ARG NODE=22
ARG OTHER=1
FROM node:$NODE AS base
ENV A=1 B=\${A:-x}
ARG GIT_SHA
ARG NODE
RUN 1
FROM base
ARG C="\${A}-\${NODE}"
ENV C=env D=$PATH:/x
ENV GIT_SHA=\${GIT_SHA:-none}
ARG TARGETPLATFORM
RUN 2
ARG LATE=1
`

test('variables count from their declaration on, in stages built on theirs too', () => {
  expect(at(7)).toEqual({ A: '1', B: 'x', GIT_SHA: null, NODE: '22' })
  expect(at(13)).toEqual({ A: '1', B: 'x', C: 'env', D: null, GIT_SHA: 'none', NODE: '22', TARGETPLATFORM: null })
})

test('build arguments take the place of defaults', () => {
  const given = new Map([
    ['NODE', '24'],
    ['GIT_SHA', 'abc'],
    ['OTHER', '2'],
    ['TARGETPLATFORM', 'linux/arm64'],
  ])
  expect(at(13, given)).toMatchObject({ NODE: '24', GIT_SHA: 'abc', TARGETPLATFORM: 'linux/arm64' })
  expect(at(13, given)).not.toHaveProperty('OTHER')
})

test('what set a variable last is told with its line', () => {
  const { stages } = readDockerfile(text, 'Dockerfile')
  const run = stages[1]?.instructions.find(({ line }) => line === 13)
  const known = run && environmentAt(readDockerfile(text, 'Dockerfile'), run)
  expect([known?.get('C'), known?.get('A')]).toEqual([
    { value: 'env', from: 'env', line: 10 },
    { value: '1', from: 'env', line: 4 },
  ])
})

test.each([
  ['$X/${X}', 'v/v'],
  ['${X:-d}${Y:-d}${Y-e}${E-e}${E:-e}', 'vdee'],
  ['${X:+d}${Y:+d}${E+e}', 'de'],
  ['\'$X\'"$X"\\$X', '$Xv$X'],
  ['${Y:-${X}}', 'v'],
  ['${P#*/}:${P##*/}:${P%/*}:${P%%/*}', 'b/c:c:a/b:a'],
  ['${P/b/x}:${P//\\//-}', 'a/x/c:a/b/c'],
  ['$', '$'],
  ['${', '${'],
])('%s is expanded to %s', (word, expected) => {
  const values = new Map([
    ['X', 'v'],
    ['E', ''],
    ['P', 'a/b/c'],
  ])
  expect(expand(word, (name) => values.get(name) ?? null)).toBe(expected)
})

test('a value that doubles itself and a default in a thousand defaults come to an end', () => {
  const lines = Array.from({ length: 100 }, () => 'ENV A=$A$A')
  const { stages } = readDockerfile(`FROM a\nENV A=x\n${lines.join('\n')}\nRUN x\n`, 'Dockerfile')
  const run = stages[0]?.instructions.at(-1)
  if (run) environmentAt(readDockerfile(`FROM a\nENV A=x\n${lines.join('\n')}\nRUN x\n`, 'Dockerfile'), run)
  expand('${a:-'.repeat(20_000), () => null)
})

test('no word makes the expansion fail', () => {
  const part = fc.constantFrom('$', '{', '}', 'a', ':', '-', '+', '#', '%', '/', '*', '?', '"', "'", '\\', '(', '[')
  fc.assert(
    fc.property(fc.array(part), (parts) => void expand(parts.join(''), (name) => (name === 'a' ? 'va/l' : null))),
  )
})

function at(line: number, given?: Map<string, string>) {
  const dockerfile = readDockerfile(text, 'Dockerfile')
  const run = dockerfile.stages.flatMap(({ instructions }) => instructions).find((one) => one.line === line)
  if (!run) throw new Error(`no instruction on line ${line}`)
  const known = [...environmentAt(dockerfile, run, given)].map(([name, { value }]) => [name, value])
  return Object.fromEntries(known)
}
