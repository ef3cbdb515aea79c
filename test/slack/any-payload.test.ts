import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBot, type TestBot } from './support.ts'

/** Whatever stands in a payload of buttons or forms: the door answers, lives on and calls nobody but Slack. */

let bot: TestBot
const fetched: string[] = []
const realFetch = globalThis.fetch

beforeAll(async () => {
  bot = await startBot('http')
  globalThis.fetch = async (input, init) => {
    fetched.push(new URL(input instanceof Request ? input.url : input).host)
    return await realFetch(input, init)
  }
})
afterAll(async () => {
  globalThis.fetch = realFetch
  await bot[Symbol.asyncDispose]()
})

const addresses = fc.oneof(
  fc.webUrl(),
  fc.constantFrom(
    'https://hooks.slack.com@evil.example/x',
    '//evil.example',
    'file:///etc/passwd',
    'http://127.0.0.1:1/x',
  ),
  fc.string(),
)
const something = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.string({ maxLength: 300 }))
const maybe = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: usual as fc.Arbitrary<unknown> }, something)

const action = fc.record(
  {
    type: maybe(fc.constantFrom('button', 'overflow', 'feedback_buttons', 'checkboxes')),
    action_id: maybe(fc.constantFrom('layerwise:0', 'layerwise:more', 'else')),
    block_id: maybe(fc.constant('b')),
    action_ts: maybe(fc.constant('1.1')),
    value: maybe(fc.constantFrom('id-1', 'why-1')),
    selected_option: maybe(fc.record({ value: maybe(fc.constant('id-2')) })),
  },
  { requiredKeys: [] },
)
const named = maybe(fc.record({ id: maybe(fc.constant('C1')) }))
const common = {
  user: maybe(
    fc.record({ id: maybe(fc.constant('U1')), team_id: maybe(fc.constantFrom('T1', 'toString', '__proto__')) }),
  ),
  team: named,
  channel: named,
  enterprise: something,
  trigger_id: maybe(fc.constant('T1')),
  response_url: addresses,
}
const press = fc.record(
  {
    ...common,
    type: fc.constant('block_actions'),
    container: maybe(fc.record({ type: fc.constant('message'), message_ts: maybe(fc.constant('1.2')) })),
    message: something,
    actions: maybe(fc.array(maybe(action), { maxLength: 3 })),
  },
  { requiredKeys: ['type'] },
)
const field = fc.record({ value: something, selected_option: something }, { requiredKeys: [] })
const submission = fc.record(
  {
    ...common,
    type: fc.constant('view_submission'),
    view: maybe(
      fc.record(
        {
          id: maybe(fc.constant('V1')),
          callback_id: maybe(fc.constantFrom('layerwise:prune', 'layerwise:rebuild', 'layerwise:reason')),
          private_metadata: maybe(fc.constant('form-1')),
          state: maybe(
            fc.record({ values: maybe(fc.dictionary(fc.string(), maybe(fc.dictionary(fc.string(), field)))) }),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: ['type'] },
)

test.each([
  ['buttons', press],
  ['forms', submission],
  ['anything', fc.object() as fc.Arbitrary<unknown>],
])(
  'payloads of %s',
  async (_, payloads: fc.Arbitrary<unknown>) => {
    const crashes: unknown[] = []
    const note = (error: unknown) => void crashes.push(error)
    process.on('unhandledRejection', note)
    const ours = new Set([new URL(bot.url).host, new URL(bot.slack.url).host])
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        const { status } = await bot.slack.interact(payload)
        expect(status).toBe(200)
      }),
      { numRuns: 300 },
    )
    expect((await bot.slack.command('help')).status).toBe(200)
    process.off('unhandledRejection', note)
    expect(crashes).toEqual([])
    expect(fetched.filter((host) => !ours.has(host))).toEqual([])
  },
  60_000,
)
