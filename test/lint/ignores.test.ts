import { expect, test } from 'vitest'
import { lint } from '../../src/lint/lint.ts'
import { filesOf } from './support.ts'

const findingsOf = (...lines: string[]) =>
  lint(
    filesOf({ Dockerfile: `${lines.join('\n')}\n`, '.dockerignore': '.git\n' }, ['package.json', 'a.js']),
  ).findings.map(({ rule, line, ignored }) => ({ rule, line, ignored }))

test('a reason above an instruction keeps a rule from it, and from it alone', () => {
  const findings = findingsOf(
    'FROM node:22 AS one',
    '# layerwise ignore=copy-all-before-install a demo, installed once',
    'COPY . .',
    'RUN npm ci',
    'FROM node:22',
    'COPY . .',
    'RUN npm ci',
  )
  expect(findings).toEqual([
    { rule: 'copy-all-before-install', line: 6, ignored: null },
    { rule: 'copy-all-before-install', line: 3, ignored: 'a demo, installed once' },
  ])
})

test('it may stand among other comments, and name several rules', () => {
  const findings = findingsOf(
    '# layerwise ignore=unpinned-base,copy-all-before-install nightly',
    '# the base',
    'FROM node',
  )
  expect(findings).toEqual([{ rule: 'unpinned-base', line: 3, ignored: 'nightly' }])
})

test('for the whole file', () => {
  const findings = findingsOf('# layerwise ignore-file=unpinned-base ours', 'FROM a/b AS x', 'FROM c/d')
  expect(findings.map(({ ignored }) => ignored)).toEqual(['ours', 'ours'])
})

test('without a reason it does not count, and that is said', () => {
  expect(findingsOf('# layerwise ignore=unpinned-base', 'FROM node')).toEqual([
    { rule: 'ignore-without-reason', line: 1, ignored: null },
    { rule: 'unpinned-base', line: 2, ignored: null },
  ])
})

test('another rule is not meant', () => {
  expect(findingsOf('# layerwise ignore=apt-update-alone why not', 'FROM node')).toMatchObject([{ ignored: null }])
})
