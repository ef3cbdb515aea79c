import { describe, expect, test } from 'vitest'
import { printMessage } from '../../src/playground/print-thread.ts'
import { startRegistry } from '../support/registry.ts'
import { startWorld, until } from '../support/start-bot.ts'

const steps = (lock: string): [string, string | null, number?][] => [
  ["# debian.sh --arch 'amd64' out/ 'bookworm'", 'debian', 28_237_000],
  ['ENV NODE_VERSION=22.11.0', null],
  ['COPY package.json yarn.lock ./ # buildkit', `lock ${lock}`, 214_000],
  ['RUN |1 NPM_TOKEN=hunter2hunter2 /bin/sh -c yarn install --frozen-lockfile # buildkit', `deps ${lock}`, 161_400_000],
  ['COPY . . # buildkit', 'source', 4_120_000],
  ['CMD ["node"]', null],
]

async function worldWith(listed: boolean) {
  const registry = await startRegistry()
  registry.image('acme/web', '1', { steps: steps('1') })
  registry.image('acme/web', '2', { steps: steps('2') })
  const registries = { entries: listed ? [registry.host] : ['docker.io'], listed: true, logins: null }
  const world = await startWorld({ config: { registries } })
  const said = () => world.slack.answers.map((answer) => printMessage({ ts: '', ...answer }))
  return {
    ...world,
    registry,
    /** what the person sees in the end, after the receipt */
    async answer(command: string) {
      await world.slack.command(command)
      await until(() => world.slack.answers.length === 2)
      return { receipt: said()[0] ?? '', text: said()[1]?.replaceAll(registry.host, 'registry') ?? '' }
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await registry.close()
    },
  }
}

describe('/cache layers', () => {
  test('shows an image to the person who asks', async () => {
    await using world = await worldWith(true)
    const { receipt, text } = await world.answer(`layers ${world.registry.host}/acme/web:1`)
    expect(receipt).toMatch(/^Asking the registry for `127\S+\/acme\/web:1`\. The answer comes here in a moment\.$/)
    expect(text).toMatchInlineSnapshot(`
      "Layers of \`registry/acme/web:1\`
      linux/amd64, 194 MB in 4 layers

            28.2 MB  15 %  # debian.sh --arch 'amd64' out/ 'bookworm'
             214 kB  <1 %  COPY package.json yarn.lock ./
          >  161 MB  83 %  RUN yarn install --frozen-lockfile
            4.12 MB   2 %  COPY . .

      (2 steps without a layer left out · compressed sizes, as a pull downloads them · \`sha256:c71957562ce9…\` · created 2026-03-04 05:06 UTC · asked by <@U0PERSON01>)"
    `)
    expect(await world.slack.postedMessages('builds')).toEqual([])
  })

  test('compares two', async () => {
    await using world = await worldWith(true)
    const { text } = await world.answer(`layers ${world.registry.host}/acme/web:1 :2`)
    expect(text).toMatchInlineSnapshot(`
      "\`registry/acme/web:1\` → \`registry/acme/web:2\`
      linux/amd64, 194 MB → 194 MB (same size)

      1 of 4 layers is shared (28.2 MB); then they part at "COPY package.json yarn.lock ./": the instruction is the same, what it copies is not.
      Whoever has web:1 pulls 162 MB again for web:2, 83 % of its 194 MB. Another 4.12 MB are the same bytes, but above other layers; Docker's classic image store pulls those, too.

      The same steps, built anew:
                         214 kB  COPY package.json yarn.lock ./
          >              161 MB  RUN yarn install --frozen-lockfile
                        4.12 MB  COPY . .

      (compressed sizes, as a pull downloads them · \`sha256:06765fdbc740…\` · created 2026-03-04 05:06 UTC · asked by <@U0PERSON01>)"
    `)
  })

  test('knocks at no other registry than it was set up for, and says so', async () => {
    await using world = await worldWith(false)
    const { text } = await world.answer(`layers ${world.registry.host}/acme/web:1`)
    expect(text).toMatchInlineSnapshot(
      `"⚠️ I cannot show these layers: I am not set up to ask registry. I may ask docker.io; whoever runs me can change LAYERWISE_REGISTRIES."`,
    )
    expect(world.registry.requests).toEqual([])
  })

  test('says what the registry said', async () => {
    await using world = await worldWith(true)
    const { text } = await world.answer(`layers ${world.registry.host}/acme/web:3`)
    expect(text).toMatchInlineSnapshot(
      `"⚠️ I cannot show these layers: registry has no acme/web:3 (404, MANIFEST_UNKNOWN: manifest unknown)."`,
    )
  })
})
