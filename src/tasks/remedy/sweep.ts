import { schedule } from 'node-cron'
import { z } from 'zod'
import type { Logger } from '../../slack/log.ts'
import type { Task } from '../turn.ts'
import { type ShowWorld, showRequest } from './show.ts'
import type { RemedyWorld } from './world.ts'

const expiredSchema = z.strictObject({ requestId: z.string() })
export type Expired = z.infer<typeof expiredSchema>

/** Says that a request has expired. */
export function tellExpiredTask(world: RemedyWorld & ShowWorld): Task<Expired> {
  return {
    name: 'tell-expired',
    schema: expiredSchema,
    perform: ({ requestId }, step) => showRequest(world, requestId, step),
    // What was pressed under it is refused all the same.
    gaveUp: async () => {},
  }
}

/**
 * Ends, at once and each minute, what nobody decided in time. Usually the task that asked has woken up and done so already;
 * this finds what such a task left when it gave up. Several processes may do so: each request is ended by one.
 */
export function startSweep(parts: {
  requests: RemedyWorld['store']['requests']
  tell(expired: Expired, key: string): Promise<void>
  logger: Logger
  now(): Date
}): Disposable {
  const { requests, tell, logger, now } = parts
  const sweep = async () => {
    try {
      for (const { id } of await requests.expireDue(now())) await tell({ requestId: id }, `tell-expired:${id}`)
    } catch (error) {
      logger.warn({ err: error }, 'could not look for requests whose time is over; the next minute tries again')
    }
  }
  const task = schedule('* * * * *', sweep, { noOverlap: true })
  void sweep()
  return { [Symbol.dispose]: () => void task.stop() }
}
