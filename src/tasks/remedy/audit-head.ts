import { schedule } from 'node-cron'
import type { Logger } from '../../slack/log.ts'
import type { Poster } from '../../slack/poster.ts'
import type { Store } from '../../store/store.ts'
import { planAuditHead } from '../../thread/audit-head.ts'

/**
 * Tells a channel once a day where the audit's chain ends, so that a chain which was written anew does not fit what people
 * have read. Several processes may do so: it is one message a day.
 */
export function startAuditHead(parts: {
  store: Pick<Store, 'audit'>
  poster: Pick<Poster, 'deliver'>
  channel: string | null
  logger: Logger
  now(): Date
}): Disposable {
  const { store, poster, channel, logger, now } = parts
  if (channel === null) return { [Symbol.dispose]() {} }
  const task = schedule(
    '0 6 * * *',
    async () => {
      try {
        await poster.deliver(planAuditHead({ ...(await store.audit.verify()), at: now().toISOString() }), { channel })
      } catch (error) {
        logger.error({ err: error }, 'could not post the head of the audit')
      }
    },
    { timezone: 'UTC' },
  )
  return { [Symbol.dispose]: () => void task.stop() }
}
