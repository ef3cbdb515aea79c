/**
 * A bot to be killed: `node crashing-bot.ts URL JOURNAL COUNT [STOP]`. Adds COUNT tasks of three steps (the same ones in
 * each of its lives) and performs them. Each step appends `begun KEY STEP` to the journal; once its result is stored,
 * `stored KEY STEP` follows. Before the step named STOP it says so on stdout and waits for ever. When all tasks are done
 * it says `done`.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { openStore } from '../../src/store/store.ts'
import { openEngine } from '../../src/tasks/engine.ts'

const [url, journal, count, stopBefore] = process.argv.slice(2)
if (!url || !journal || !count) throw new Error('usage: crashing-bot.ts URL JOURNAL COUNT [STOP]')

const store = await openStore(url)
const engine = await openEngine({ store, pollMs: 20, concurrency: 4 })
const write = (line: string) => appendFileSync(journal, `${line}\n`)

const story = engine.define({
  name: 'story',
  schema: z.strictObject({ key: z.string() }),
  async perform({ key }, step) {
    for (const name of ['read', 'explain', 'post']) {
      if (`${key} ${name}` === stopBefore) {
        process.stdout.write(`stopped before ${stopBefore}\n`)
        await new Promise(() => {})
      }
      await step(name, async () => write(`begun ${key} ${name}`))
      write(`stored ${key} ${name}`)
    }
    await step('end', async () => write(`ended ${key}`))
    const ended = new Set(readFileSync(journal, 'utf8').match(/^ended .*/gm))
    if (ended.size === Number(count)) process.stdout.write('done\n')
  },
  async gaveUp() {},
})
await engine.start()
for (let task = 0; task < Number(count); task++) await story.add({ key: `task-${task}` }, `task-${task}`)
process.stdout.write('added\n')
