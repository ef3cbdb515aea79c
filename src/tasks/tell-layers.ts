import type { RegistryOptions } from '../registry/client.ts'
import { loginsFrom } from '../registry/credentials.ts'
import type { DockerConfig } from '../registry/docker-config.ts'
import { reachOfBot } from '../registry/reach.ts'
import { parseImage } from '../registry/reference.ts'
import { type LayersAnswer, readLayers } from '../registry/registry.ts'
import { type LayersAsk, layersAskSchema } from '../slack/ask.ts'
import type { Reply } from '../slack/reply.ts'
import { type LayersAsker, planCompared, planLayers, planNoLayers } from '../thread/layers-answer.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import type { Task } from './turn.ts'

export type LayersWorld = { reply: Reply; registries: RegistryOptions }

/** A person asked for the layers of an image: ask its registry and answer where they asked, whatever it says. */
export function tellLayersTask(world: LayersWorld): Task<LayersAsk> {
  return {
    name: 'tell-layers',
    schema: layersAskSchema,
    async perform(ask, step) {
      const message = await step('read', () => tellLayers(world, ask))
      await step('answer', async () => {
        await world.reply(ask.replyTo, [message])
        return null
      })
    },
    async gaveUp(ask, error) {
      const because = error instanceof Error ? error.message : String(error)
      await world.reply(ask.replyTo, [planNoLayers(because, askerOf(ask))])
    },
  }
}

/** How the bot asks registries: those it was set up for, with the logins that it was given and no others. */
export function registriesOfBot(registries: {
  entries: string[]
  listed: boolean
  logins: DockerConfig | null
}): RegistryOptions {
  return {
    reach: reachOfBot(registries),
    findLogin: loginsFrom(registries.logins),
    howToLogIn: (registry) => `whoever runs me can give me a login for ${registry} in DOCKER_AUTH_CONFIG`,
  }
}

async function tellLayers({ registries }: LayersWorld, ask: LayersAsk): Promise<WantedMessage> {
  const asker = askerOf(ask)
  const answer = await answerTo(ask, registries)
  switch (answer.kind) {
    case 'layers':
      return planLayers(answer.image, asker)
    case 'compared':
      return planCompared(answer.compared, asker)
    case 'refused':
      return planNoLayers(answer.because, asker)
    default:
      return answer satisfies never
  }
}

/** The command read the names before; a task lives longer than the version that took it down. */
async function answerTo({ images, platform }: LayersAsk, registries: RegistryOptions): Promise<LayersAnswer> {
  const [first = '', second] = images
  const one = parseImage(first)
  if (one.kind === 'mistake') return { kind: 'refused', code: 'malformed', because: one.mistake }
  const other = second === undefined ? null : parseImage(second, one.image)
  if (other?.kind === 'mistake') return { kind: 'refused', code: 'malformed', because: other.mistake }
  return await readLayers({ image: one.image, other: other?.image ?? null, platform }, registries)
}

function askerOf({ replyTo, askedBy }: LayersAsk): LayersAsker {
  const tag = replyTo.kind === 'thread' ? `layers:${replyTo.channel}:${replyTo.ts}` : `layers:${replyTo.url}`
  return { tag, askedBy }
}
