import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeConfig } from '../../src/config/describe.ts'
import { type SettingName, settings } from '../../src/config/settings.ts'
import { ConfigProblems, readConfig } from '../../src/config.ts'

const names = Object.keys(settings) as SettingName[]
const secretNames = names.filter((name) => settings[name].secret)

/** Unlike any word of ours, so that finding it means that it leaked. */
const secret = fc
  .string({ unit: fc.constantFrom(...'ZQ7\\"$.\u00e9'), minLength: 8, maxLength: 90 })
  .map((text) => `ZQ${text}QZ`)
const prefix = fc.constantFrom('', 'xoxb-', 'xapp-', 'ghp_', 'postgres://user:', 'sqlite:', 'mysql://')

test('no value of a secret variable is ever told, be it right or wrong', () => {
  const env = fc.dictionary(fc.constantFrom(...secretNames), fc.tuple(prefix, secret))
  fc.assert(
    fc.property(env, (values) => {
      const told = tell(Object.fromEntries(Object.entries(values).map(([name, [start, rest]]) => [name, start + rest])))
      for (const [name, [, rest]] of Object.entries(values)) {
        // The path of a SQLite file is no secret.
        if (name !== 'DATABASE_URL' || !values[name]?.[0].startsWith('sqlite')) expect(told).not.toContain(rest)
      }
    }),
  )
})

test('a secret pasted into another variable too is not told there', () => {
  const places = fc.uniqueArray(fc.constantFrom(...names.filter((name) => !settings[name].secret)), { minLength: 1 })
  fc.assert(
    fc.property(secret, places, (token, others) => {
      const env = { GITHUB_TOKEN: token, ...Object.fromEntries(others.map((name) => [name, token])) }
      expect(tell(env)).not.toContain(token)
    }),
  )
})

test('a secret pasted into the file is not told', () => {
  const env = { GITHUB_TOKEN: 'ghp_0123456789abcdef', SLACK_BOT_TOKEN: 'a-wrong-token' }
  for (const token of Object.values(env)) {
    for (const text of [
      `channel: ${token}`,
      `${token}: 1`,
      `watch: [{repository: "${token}"}]`,
      `a: [${token}`,
      `"${token}`,
    ]) {
      expect(tell(env, text)).not.toContain(token)
    }
  }
})

test('whatever stands in the environment, the answer is a configuration or a list of problems', () => {
  const env = fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(fc.string(), fc.constantFrom('live', 'xoxb-1', '#a', '/c', '5')),
  )
  fc.assert(
    fc.property(env, fc.string(), (values, text) => {
      expect(tell(values, text)).not.toBe('')
    }),
  )
})

/** Everything a person gets to read of a configuration. */
function tell(env: Record<string, string>, file = ''): string {
  try {
    return describeConfig(readConfig(env, () => file))
  } catch (error) {
    if (error instanceof ConfigProblems) return `${error.message}\n${error.problems.join('\n')}`
    throw error
  }
}
