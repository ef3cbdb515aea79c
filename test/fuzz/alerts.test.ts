import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alertSchema } from '../../src/alert/alert.ts'
import { runLinks } from '../../src/alert/from-text.ts'
import { hearWebhook } from '../../src/alert/from-webhook.ts'
import { planGaveUp } from '../../src/thread/gave-up.ts'
import { violations } from '../../src/thread/limits.ts'
import { runs } from '../support/fuzz.ts'
import { runPayload } from '../support/run-payload.ts'

/** What may stand where something else was expected. */
const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    null,
    '',
    -1,
    1e308,
    Number.MAX_SAFE_INTEGER + 2,
    [],
    {},
    '\u0000',
    '<!channel>',
    '../../etc',
    'https://evil.example',
    'x'.repeat(70_000),
  ),
)

/** A payload of GitHub's in which values were replaced, taken away or put in at some paths. */
const damaged = fc
  .array(fc.tuple(fc.nat(), fc.constantFrom('replace', 'remove', 'nest', 'proto'), strange), { maxLength: 6 })
  .map((harms) => {
    const payload = structuredClone(runPayload()) as Record<string, unknown>
    for (const [at, how, value] of harms) harm(payload, at, how, value)
    return payload
  })

function harm(payload: Record<string, unknown>, at: number, how: string, value: unknown): void {
  const places = placesOf(payload)
  const place = places[at % places.length]
  if (!place) return
  const [holder, key] = place
  if (how === 'remove') delete holder[key]
  else if (how === 'nest') holder[key] = { [key]: holder[key], __proto__: value }
  else if (how === 'proto')
    Object.defineProperty(holder, '__proto__', { value, enumerable: true, configurable: true, writable: true })
  else holder[key] = value
}

type Place = [Record<string, unknown>, string]
function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key): Place[] => [[holder, key], ...placesOf(holder[key])])
}

describe('a webhook that GitHub would not send', () => {
  const name = fc.oneof(
    fc.constantFrom('workflow_run', 'workflow_job', 'ping', '__proto__', 'constructor'),
    fc.string(),
  )
  test.each([
    ['a damaged payload', damaged],
    ['any JSON', fc.jsonValue()],
    ['anything', fc.anything()],
  ])('%s gives an alert that can be told, or is refused in words', (_, payload) => {
    fc.assert(
      fc.property(name, payload as fc.Arbitrary<unknown>, (name, payload) => {
        const heard = hearWebhook(name, payload)
        if (heard.kind !== 'alert') return void expect(heard.because.length).toBeLessThan(1_000)
        expect(alertSchema.safeParse(heard.alert).error).toBeUndefined()
        expect(JSON.stringify(heard.alert).length).toBeLessThan(10_000)
        expect(violations(planGaveUp(heard.alert, new Error('x')))).toEqual([])
      }),
      runs(500),
    )
  })

  test('the payload that is damaged is a good one', () => {
    expect(hearWebhook('workflow_run', runPayload()).kind).toBe('alert')
  })
})

describe('text that somebody pasted', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      'https://github.com/',
      'acme/web',
      '/actions/runs/',
      '1',
      '/job/',
      '/attempts/',
      '9'.repeat(30),
      '<',
      '|',
      '>',
      '%2e%2e',
      '@',
      '?pr=1',
      '#x',
      ' ',
      'http://',
      '//',
    ),
  )
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))

  test('gives links to runs of our GitHub and nothing else', () => {
    fc.assert(
      fc.property(text, (text) => {
        for (const link of runLinks(text, 'https://github.com')) {
          expect(link.repository).toMatch(/^[\w.-]+\/[\w.-]+$/)
          expect(link.repository.split('/').every((part) => part !== '.' && part !== '..')).toBe(true)
          for (const id of [link.runId, link.attempt ?? 1, link.jobId ?? 1])
            expect(Number.isSafeInteger(id) && id > 0).toBe(true)
        }
      }),
      runs(1_500),
    )
  })

  test('a long one is not read to its end', () => {
    const links = Array.from({ length: 5_000 }, (_, id) => `https://github.com/acme/web/actions/runs/${id + 1}`).join(
      ' ',
    )
    expect(runLinks(links, 'https://github.com')).toHaveLength(20)
  })
})
