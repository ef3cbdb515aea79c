import type { DeviceLogin } from '../../github/device-login.ts'
import { GithubFault } from '../../github/fault.ts'
import { type LinkAsk, linkAskSchema } from '../../slack/remedy-ask.ts'
import type { Respond } from '../../slack/response.ts'
import type { Store } from '../../store/store.ts'
import type { Mrkdwn } from '../../thread/escape.ts'
import * as say from '../../thread/linked.ts'
import type { Step, Task } from '../turn.ts'
import { tellAlone } from './tell-alone.ts'

export type LinkWorld = {
  store: Pick<Store, 'links'>
  respond: Respond
  /** null: no client id is configured, so nobody can link */
  login: DeviceLogin | null
  /** where people go: `https://github.com` */
  githubUrl: string
  now(): Date
}

/**
 * GitHub's device flow: the person types a code at GitHub, signed in there, and we are told who that was. The code is
 * shown to them alone; what GitHub gives us for it is used for one question and forgotten.
 */
export function linkTask(world: LinkWorld): Task<LinkAsk> {
  return {
    name: 'link',
    schema: linkAskSchema,
    async perform(ask, step, sleep) {
      const { store, login, now } = world
      if (ask.link === 'unlink') {
        const was = await step('unlink', async () => {
          const was = await store.links.of(ask.askedBy)
          await store.links.remove(ask.askedBy, now())
          return was?.githubLogin ?? null
        })
        return await tell(world, ask, step, 'answer', say.unlinked(was))
      }
      if (login === null) return await tell(world, ask, step, 'answer', say.cannotLink)
      const code = await step('ask for a code', () => login.begin())
      await tell(world, ask, step, 'show the code', say.typeThisCode(code, world.githubUrl))
      let interval = code.intervalMs
      for (let look = 1; now().getTime() < Date.parse(code.expiresAt); look++) {
        await sleep(`until look ${look}`, interval)
        const found = await step(`look ${look}`, () => login.exchange(code.deviceCode, interval))
        if (found.kind === 'waiting') {
          interval = found.intervalMs
          continue
        }
        if (found.kind === 'ended') return await tell(world, ask, step, 'answer', say.notLinked(found.because))
        const words = await step('link', () => keep(world, ask, found))
        return await tell(world, ask, step, 'answer', words)
      }
      await tell(world, ask, step, 'answer', say.notLinked('expired'))
    },
    async gaveUp({ responseUrl }, error) {
      const because = error instanceof GithubFault ? error.message : 'something of mine is broken'
      await tellAlone(world, responseUrl, say.linkFailed(because))
    },
  }
}

/**
 * An account is one person's in Slack. Otherwise somebody could be talked into typing another's code, and that other would
 * act under their name from then on.
 */
async function keep({ store, now }: LinkWorld, { askedBy }: LinkAsk, { login, id }: { login: string; id: number }) {
  const others = (await store.links.heldBy(id)).filter(({ slackId }) => slackId !== askedBy)
  if (others[0]) return say.linkedElsewhere(login, others[0].slackId)
  await store.links.set({ slackId: askedBy, githubLogin: login, githubId: id, now: now() })
  return say.linkedAs(login)
}

async function tell(world: LinkWorld, { responseUrl }: LinkAsk, step: Step, name: string, words: Mrkdwn) {
  await step(name, async () => {
    await tellAlone(world, responseUrl, words)
    return null
  })
}
