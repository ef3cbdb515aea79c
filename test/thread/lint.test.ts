import { describe, expect, test } from 'vitest'
import { lint } from '../../src/lint/lint.ts'
import { printMessage } from '../../src/playground/print-thread.ts'
import { limits, payloadSize, violations } from '../../src/thread/limits.ts'
import { type Linted, planLint, planNoLint } from '../../src/thread/lint.ts'
import { faults } from '../lint/faults.ts'
import { filesOf } from '../lint/support.ts'

const asker = { tag: 'lint:x', askedBy: 'U0PERSON01' }
const pageOf = (file: string, line: number) => `https://github.com/acme/web/blob/main/${file}#L${line}`

function linted(files: Parameters<typeof lint>[0], more: Partial<Linted> = {}): Linted {
  return { repository: 'acme/web', ref: 'main', report: lint(files), texts: files.texts, missing: [], pageOf, ...more }
}

const read = (message: ReturnType<typeof planLint>) =>
  printMessage({ ts: '', text: message.text, blocks: message.blocks })

test.each(faults)('$name: within the limits of Slack', ({ files }) => {
  expect(violations(planLint(linted(files), asker))).toEqual([])
})

describe('many findings', () => {
  const texts = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [
      `services/${'long-name-'.repeat(8)}${at}/Dockerfile`,
      `FROM node\nCOPY . .\nRUN npm ci --registry=https://npm.acme.example/<!channel>&${'&'.repeat(300)}\n`,
    ]),
  )
  const files = filesOf(
    texts,
    Object.keys(texts).flatMap((path) => [
      path.replace('Dockerfile', 'package.json'),
      path.replace('Dockerfile', 'a.js'),
    ]),
  )
  const message = planLint(linted(files, { missing: Array.from({ length: 9 }, () => 'x'.repeat(400)) }), asker)

  test('the worst are told, the rest is named as far as there is room', () => {
    expect(violations(message)).toEqual([])
    expect(payloadSize(message)).toBeLessThan(limits.payload)
    expect(read(message)).toMatch(/… \d+ more\n/)
    expect(message.text).toContain('120 findings in 60 Dockerfiles and 0 workflows')
  })

  test('nobody is called by what a file says', () => {
    expect(JSON.stringify(message.blocks)).not.toContain('<!channel>')
  })
})

test('nothing found is said too, and what could not be read', () => {
  const message = planLint(
    linted(filesOf({ Dockerfile: 'FROM node:22\n' }), { missing: ['web/Dockerfile is larger than 1 MB'] }),
    asker,
  )
  expect(read(message)).toContain('nothing found in 1 Dockerfile and 0 workflows')
  expect(read(message)).toContain('Could not read: web/Dockerfile is larger than 1 MB')
})

test('a secret in a Dockerfile is not repeated', () => {
  const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`
  const files = filesOf(
    { Dockerfile: `FROM node:22\nCOPY . .\nENV NPM_TOKEN=${token}\nRUN npm ci\n`, '.dockerignore': '.git' },
    ['package.json', 'a.js'],
  )
  expect(JSON.stringify(planLint(linted(files), asker))).not.toContain(token)
})

test('a refusal is a line', () => {
  expect(violations(planNoLint('there is no acme/web', asker))).toEqual([])
})
