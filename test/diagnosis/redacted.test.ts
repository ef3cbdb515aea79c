import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from '../../src/build/redact.ts'
import { explainer } from '../../src/diagnosis/explain.ts'
import { explanationSchema } from '../../src/diagnosis/explanation.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { diagnoseRun } from '../../src/diagnosis/run-diagnosis.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { openStory } from '../../src/thread/story.ts'
import { printExplanation } from '../../src/thread/terminal.ts'
import { planThread } from '../../src/thread/thread.ts'
import { runs } from '../support/fuzz.ts'
import { realLogs } from '../support/mutate.ts'
import { plantedLog } from '../support/planted-log.ts'
import { alert, start } from '../thread/examples.ts'

const signs = indexSigns(await loadRunbooks([ownRunbooks]))

/** Everything that leaves the reader of a log, by where it goes. */
function whatIsTold(log: string, options: Parameters<typeof explainer>[1] = {}): Record<string, string> {
  const explaining = explainer(signs, options)
  explaining.feed(Buffer.from(log))
  const explanation = explaining.end({ kind: 'github', name: 'https://github.com/acme/web/actions/runs/1/job/2' })
  expect(explanationSchema.safeParse(explanation).error).toBeUndefined()
  const job = { id: 2, name: 'build', url: 'https://github.com/acme/web', conclusion: 'failure', explanation }
  const story = openStory({ id: 'one', channel: 'C1' }, alert(), diagnoseRun([job], []), start)
  return {
    JSON: JSON.stringify(explanation),
    terminal: printExplanation(explanation),
    Slack: JSON.stringify(planThread({ story })),
    store: JSON.stringify(story),
    excerpt: explaining.excerpt(),
    captures: JSON.stringify(explaining.captures()),
  }
}

describe('a secret in a log', () => {
  test.each([
    ['as lines are skimmed', {}],
    ['when new lines are looked for', { novelty: { green: null } }],
  ])('is told nowhere, whatever its shape and place, %s', (_, options) => {
    fc.assert(
      fc.property(plantedLog, ({ log, planted }) => {
        for (const [where, text] of Object.entries(whatIsTold(log, options)))
          for (const { secret } of planted) expect(text, where).not.toContain(secret)
      }),
      runs(150),
    )
  })
})

// Put together here, so that no scanner of this repository takes a test for a leak.
const password = ['hunter', '2', 'hunter'].join('')

/** A failed step whose last words are these. */
const failing = (...lines: string[]) =>
  [
    '#8 [build 2/9] RUN ./login',
    ...lines.map((line, index) => `#8 1.${100 + index} ${line}`),
    '#8 ERROR: process "/bin/sh -c ./login" did not complete successfully: exit code: 1',
    'ERROR: failed to build: failed to solve: process "/bin/sh -c ./login" did not complete successfully: exit code: 1',
    '',
  ].join('\n')

describe('what the log itself gives away is masked everywhere', () => {
  test.each([
    ['a value that a variable showed', `[command]docker build --build-arg DB_PASSWORD=${password} .`],
    ['a value that was to be masked', `::add-mask::${password}`],
    ['a value whose name was masked elsewhere', `DEPLOY_AS=***\nDEPLOY_AS=${password}`],
    ['a value whose name was masked as YAML', `  deploy_as: ***\n  deploy_as: ${password}`],
    ['a password of an address', `https://robot:${password}@acme.dev/x`],
  ])('%s', (_, teaching) => {
    const told = whatIsTold(`${teaching}\n${failing(`error: ${password} is wrong`)}`)
    expect(told.JSON).toContain('error: *** is wrong')
    for (const text of Object.values(told)) expect(text).not.toContain(password)
  })

  test('also when the line that gives it away comes later', () => {
    const told = whatIsTold(failing(`error: ${password} is wrong`, `DB_PASSWORD=${password}`))
    expect(told.JSON).toContain('error: *** is wrong')
  })

  test.each([
    ['base64', (text: string) => Buffer.from(text).toString('base64')],
    ['an address', encodeURIComponent],
    ['JSON', (text: string) => JSON.stringify(text).slice(1, -1)],
  ])('also as %s', (_, written) => {
    const odd = `${password}/+\\x`
    expect(whatIsTold(failing(`DB_PASSWORD='${odd}'`, `error: ${written(odd)}`)).JSON).toContain('error: ***')
  })

  test('words, versions, paths and branches that somebody keeps as a secret stay', () => {
    const told = whatIsTold(
      failing(
        'TOKEN=production',
        'SECRET=1.22.3-alpine',
        'PASSWORD=/run/secrets/npm',
        'error: production 1.22.3-alpine /run/secrets/npm',
      ),
    )
    expect(told.JSON).toContain('error: production 1.22.3-alpine /run/secrets/npm')
  })
})

test('in real logs nothing is masked that was not masked before', () => {
  const masks = (text: string) => text.split('***').length
  for (const log of realLogs()) {
    const text = log.toString('utf8')
    expect(text.split('\n').map(redact).join('\n')).toBe(text)
    const { JSON: told = '', excerpt = '' } = whatIsTold(text)
    if (!text.includes('***')) expect(masks(told) + masks(excerpt)).toBe(2)
  }
})

test('a private key that was printed line by line is masked to its last line', () => {
  const line = 'MIIEpAIBAAKCAQEA1c7+9z5Pad7OejecsQ0bu3aumo6NTRm1VkVnZ7bVo0Zy9uJb'
  const short = 'q8zT0kZ1'
  const told = whatIsTold(
    failing(
      `-----BEGIN RSA PRIVATE ${'KEY'}-----`,
      line,
      line.toLowerCase(),
      short,
      `-----END RSA PRIVATE ${'KEY'}-----`,
      'error: x',
    ),
  )
  for (const text of Object.values(told)) {
    expect(text).not.toContain(line)
    expect(text).not.toContain(line.toLowerCase())
    expect(text).not.toContain(short)
  }
  expect(told.JSON).toContain('error: x')
})

test('many secrets cost bounded memory and bounded time', () => {
  const log = Array.from({ length: 20_000 }, (_, index) => `DB_PASSWORD=a${index}hunter2hunter`).join('\n')
  expect(whatIsTold(`${log}\n${failing('error: a7hunter2hunter')}`).JSON).toContain('error: ***')
})

describe('words that only look random', () => {
  const secret = 'q8zT0kZ1LmN4vR7sW2xY5bC9dF3gH6jK'
  const digest = `sha256:${'6f6ca55f98b9d8ff3a1d0e5cc3d1ba0b'.repeat(2)}`
  const integrity = `sha512-${'v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ'}`

  test('are masked when that is asked for, digests and hashes are not', () => {
    const log = failing(
      `error: ${secret} ${digest} ${integrity} @acme/design-system-components /usr/lib/node_modules/npm Linux-X64-node_modules-v6-7c9f86ba3d24a10a3572522c456c9365acd41038`,
    )
    expect(whatIsTold(log).JSON).toContain(secret)
    expect(whatIsTold(log, { redaction: { random: true } }).JSON).toContain(
      `error: *** ${digest} ${integrity} @acme/design-system-components /usr/lib/node_modules/npm Linux-X64-node_modules-v6-7c9f86ba3d24a10a3572522c456c9365acd41038`,
    )
  })
})
