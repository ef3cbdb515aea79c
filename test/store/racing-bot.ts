/**
 * A process that decides and carries out requests as fast as it can, beside others that do the same, to be killed:
 * `node racing-bot.ts URL JOURNAL COUNT NAME`. Each effect is a line in the journal, which all of them share; it says
 * `open` when it begins and `done` when all requests are decided and nothing is left open.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Person, VoteKind } from '../../src/remedy/request.ts'
import { openStore } from '../../src/store/store.ts'
import { alice, bob, carol, limits, minutes, result } from './remedy-data.ts'

const [url, journal, count, name] = process.argv.slice(2)
if (!url || !journal || !count || !name) throw new Error('usage: racing-bot.ts URL JOURNAL COUNT NAME')

const store = await openStore(url)
const over = new Set([
  ...(await store.requests.ofStory('story-1')).filter(({ state }) => state === 'rejected').map(({ id }) => id),
  ...(await store.executions.ofStory('story-1')).filter(({ endedAt }) => endedAt).map(({ requestId }) => requestId),
])
process.stdout.write('open\n')
for (let index = 0; index < Number(count); index++) {
  const id = `request-${index}`
  // those that an earlier life or another process has seen to their end
  if (over.has(id)) continue
  await clickAll(id)
  await Promise.all(Math.random() < 0.2 ? [carryOut(id), carryOut(id)] : [carryOut(id)])
}
for (const { requestId } of await store.executions.open()) await carryOut(requestId)
process.stdout.write('done\n')
setInterval(() => {}, 60_000)

/** Those who may not and those who may, in any order; each third request is rather rejected. */
async function clickAll(id: string): Promise<void> {
  const request = await store.requests.get(id)
  if (request?.state !== 'pending') return
  const last: [Person, VoteKind] = Math.random() < 0.3 ? [carol, 'reject'] : [bob, 'approve']
  const clicks: [Person, VoteKind][] = [[alice, 'approve'], [carol, 'cancel'], last]
  await Promise.all(
    clicks.map(async ([person, vote]) => {
      await sleep(Math.random() * 12)
      await store.requests.decide(id, { person, vote, planHash: request.planHash }, minutes(1))
    }),
  )
}

async function carryOut(id: string): Promise<void> {
  const most = Number.MAX_SAFE_INTEGER
  const own = { lock: id, cooldownKey: id, hourly: { repository: most, person: most, installation: most } }
  const admission = await store.executions.admit(id, limits(own), minutes(2))
  if (admission.kind === 'refused' || admission.execution.endedAt !== null) return
  const outcome = (await store.executions.calling(id, minutes(3))) === 'first' ? await call(id) : look(id)
  await store.executions.finish(id, outcome, result(), minutes(4))
}

async function call(id: string): Promise<'done'> {
  await sleep(Math.random() * 12)
  appendFileSync(journal ?? '', `${id} ${name}\n`)
  return 'done'
}

function look(id: string): 'done' | 'unclear' {
  return readFileSync(journal ?? '', 'utf8').includes(`${id} `) ? 'done' : 'unclear'
}
