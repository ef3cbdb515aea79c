import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { type Alert, alertKey } from '../../src/alert/alert.ts'
import { type WebhookOptions, webhookHandler, webhookPath } from '../../src/github/webhook.ts'
import { startLocalGithub } from '../../src/playground/github.ts'
import { signature } from '../../src/playground/github-webhooks.ts'
import { runPayload } from '../support/run-payload.ts'

const secret = 'hush'
const red = { name: 'build', conclusion: 'failure', log: 'no space left on device' }

describe('what GitHub sends', () => {
  test('a failed run is taken on once, from its first failed job to its end', async () => {
    await using door = await startDoor()
    await using github = await startLocalGithub({ webhookUrl: door.url, webhookSecret: secret })
    const run = await github.finishRun({ jobs: [red, { name: 'lint', conclusion: 'success' }] })
    assert.deepEqual(
      run.deliveries.map(({ status }) => status),
      [200, 200, 200, 200, 202, 200, 202],
    )
    assert.deepEqual(
      door.heard.map((alert) => `${alertKey(alert)} ${alert.conclusion} ${alert.runFinished}`),
      [`acme/platform/${run.runId}/1 failure false`, `acme/platform/${run.runId}/1 failure true`],
    )
  })

  test('a ping is answered', async () => {
    await using door = await startDoor()
    await using github = await startLocalGithub({ webhookUrl: door.url, webhookSecret: secret })
    assert.equal((await github.ping()).status, 200)
    assert.deepEqual(door.heard, [])
  })

  test('a delivery heard before is answered 200 and heard no more', async () => {
    await using door = await startDoor()
    await using github = await startLocalGithub({ webhookUrl: door.url, webhookSecret: secret })
    const { deliveries } = await github.finishRun({ jobs: [{ name: 'lint', conclusion: 'success' }] })
    const last = deliveries.at(-1)
    assert.ok(last)
    assert.equal((await github.redeliver(last)).status, 200)
    assert.equal(door.heard.length, 1)
  })

  test('two of the same delivery at once are both answered, and one of them as known', async () => {
    await using door = await startDoor()
    const answers = await Promise.all([post(door.url, body()), post(door.url, body())])
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 202])
  })

  test('either secret is good while it is being changed', async () => {
    await using door = await startDoor({ secrets: ['new', 'old'] })
    for (const [delivery, known] of [
      ['1', 'new'],
      ['2', 'old'],
    ] as const)
      assert.equal(
        (
          await post(door.url, body(), {
            'x-hub-signature-256': signature(body(), known),
            'x-github-delivery': delivery,
          })
        ).status,
        202,
      )
    assert.equal((await post(door.url, body(), { 'x-hub-signature-256': signature(body(), 'older') })).status, 401)
  })
})

describe('when nothing can be stored', () => {
  test('the answer is 503, and the same delivery is taken on later', async () => {
    let broken = true
    await using door = await startDoor({
      async hear() {
        if (broken) throw new Error('disk full of body content')
      },
    })
    assert.equal((await post(door.url, body())).status, 503)
    broken = false
    assert.equal((await post(door.url, body())).status, 202)
    assert.doesNotMatch(JSON.stringify(door.logged), /body content/)
  })

  test('a crash between task and mark repeats the task and loses nothing', async () => {
    let crash = true
    await using door = await startDoor()
    const { firstTime } = door.seen
    door.seen.firstTime = async (key, now) => {
      if (crash) throw new Error('killed')
      return firstTime(key, now)
    }
    assert.equal((await post(door.url, body())).status, 503)
    crash = false
    assert.equal((await post(door.url, body())).status, 202)
    assert.equal(new Set(door.heard.map(alertKey)).size, 1)
  })
})

describe('what is refused', () => {
  const table: [string, number, RequestInit][] = [
    ['no signature', 401, { headers: { 'x-hub-signature-256': '' } }],
    ['a signature by somebody else', 401, { headers: { 'x-hub-signature-256': signature(body(), 'other') } }],
    [
      'a signature of another body',
      401,
      { body: body({ conclusion: 'success' }), headers: { 'x-hub-signature-256': signature(body(), secret) } },
    ],
    ['the old SHA-1 form', 401, { headers: { 'x-hub-signature-256': 'sha1=0000' } }],
    ['an empty body', 401, { body: '', headers: { 'x-hub-signature-256': 'sha256=' } }],
    ['a body that is not JSON', 400, signed('{')],
    ['JSON that is not what GitHub sends', 400, signed('{"action":"completed","workflow_run":{}}')],
    ['null', 400, signed('null')],
    ['no delivery id', 400, { headers: { 'x-github-delivery': '' } }],
    ['a delivery id that is none', 400, { headers: { 'x-github-delivery': 'a b' } }],
    ['no event', 400, { headers: { 'x-github-event': '' } }],
    ['a form', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['a compressed body', 415, { headers: { 'content-encoding': 'gzip' } }],
    ['a body over the limit', 413, signed(JSON.stringify({ text: 'x'.repeat(70_000) }))],
    ['GET', 405, { method: 'GET', body: null }],
    ['PUT', 405, { method: 'PUT' }],
  ]
  test.each(table)('%s: %i', async (_, status, init) => {
    await using door = await startDoor({ mostBytes: 60_000 })
    const answer = await post(
      door.url,
      init.body === undefined ? body() : (init.body as string | null),
      init.headers as never,
      init.method,
    )
    assert.equal(answer.status, status)
    assert.deepEqual(door.heard, [])
    assert.equal(door.known.size, 0)
    assert.doesNotMatch(JSON.stringify([door.logged, await answer.text()]), /acme|robin|hush/)
  })

  test('a body over the limit that hides its length', async () => {
    await using door = await startDoor({ mostBytes: 60_000 })
    const chunks = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 30; part++) controller.enqueue(new TextEncoder().encode('x'.repeat(10_000)))
        controller.close()
      },
    })
    const answer = await fetch(door.url, {
      method: 'POST',
      headers: headersFor('x'),
      body: chunks,
      duplex: 'half',
    } as RequestInit)
    assert.equal(answer.status, 413)
  })

  test('a body that never ends is cut off', async () => {
    await using door = await startDoor({ bodyMs: 50 })
    const { hostname, port } = new URL(door.url)
    const closed = await new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `POST ${webhookPath} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
        ),
      )
      socket.on('error', () => {})
      socket.once('close', () => resolve(true))
    })
    assert.ok(closed)
    assert.deepEqual(door.heard, [])
    assert.match(JSON.stringify(door.logged), /took too long/)
  })

  test.each([[[]], [['']], [['good', '  ']]])('secrets %j are refused at construction', (secrets) => {
    assert.throws(() => webhookHandler({ ...options(), secrets }), /secret that is not empty/)
  })
})

test('whatever is sent unsigned is refused and queues nothing', async () => {
  await using door = await startDoor({ mostBytes: 2_000 })
  const token = fc.stringMatching(/^[\w./;=+-]{0,30}$/)
  const names = fc.constantFrom(
    'x-hub-signature-256',
    'x-github-event',
    'x-github-delivery',
    'content-type',
    'content-encoding',
    'x-hub-signature',
  )
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), fc.dictionary(names, token), async (bytes, headers) => {
      const answer = await fetch(door.url, {
        method: 'POST',
        headers: { ...headersFor(''), 'x-hub-signature-256': '', ...headers },
        body: bytes as RequestInit['body'],
      })
      await answer.arrayBuffer()
      assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status))
    }),
    { numRuns: 150 },
  )
  assert.deepEqual(door.heard, [])
  assert.equal(door.known.size, 0)
})

test('whatever is signed is answered, and only a run or a job can queue', async () => {
  await using door = await startDoor()
  let delivery = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('workflow_run', 'workflow_job', 'push', 'ping'),
      fc.jsonValue(),
      async (event, payload) => {
        const text = JSON.stringify({ action: 'completed', workflow_run: payload, workflow_job: payload })
        const answer = await post(door.url, text, { 'x-github-event': event, 'x-github-delivery': `d-${delivery++}` })
        assert.ok([200, 400].includes(answer.status), String(answer.status))
      },
    ),
    { numRuns: 150 },
  )
  assert.deepEqual(door.heard, [])
})

function options() {
  const known = new Set<string>()
  const heard: Alert[] = []
  const logged: unknown[] = []
  const seen = {
    has: async (key: string) => known.has(key),
    async firstTime(key: string, _now: Date) {
      const first = !known.has(key)
      known.add(key)
      return first
    },
  }
  const write = (facts: object, message: string) => void logged.push([facts, message])
  return {
    known,
    heard,
    logged,
    seen,
    secrets: [secret],
    hear: async (alert: Alert) => void heard.push(alert),
    log: { info: write, warn: write },
  }
}

async function startDoor(more: Partial<WebhookOptions> = {}) {
  const parts = options()
  const server = createServer(webhookHandler({ ...parts, ...more }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...parts,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${webhookPath}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function headersFor(text: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-github-event': 'workflow_run',
    'x-github-delivery': 'c0ffee00-0000-4000-8000-000000000000',
    'x-hub-signature-256': signature(text, secret),
  }
}

function post(
  url: string,
  text: string | null,
  headers: Record<string, string> = {},
  method = 'POST',
): Promise<Response> {
  return fetch(url, { method, headers: { ...headersFor(text ?? ''), ...headers }, body: text })
}

function signed(text: string): RequestInit {
  return { body: text, headers: { 'x-hub-signature-256': signature(text, secret) } }
}

function body(run: Record<string, unknown> = {}): string {
  return JSON.stringify(runPayload(run))
}
