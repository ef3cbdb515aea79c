import { type Logger as BoltLogger, LogLevel } from '@slack/bolt'

/** What we need of a logger; pino is one. */
export type Logger = Record<'debug' | 'info' | 'warn' | 'error', (facts: object, message: string) => void>

/** Bolt's and the Web client's messages in our log. Not their debug level, which holds whole payloads. */
export function boltLogger(logger: Logger): BoltLogger {
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (...said: unknown[]) =>
      logger[level]({ from: 'slack' }, said.map(String).join(' '))
  return {
    debug() {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  }
}
