import { type Logger as BoltLogger, LogLevel } from '@slack/bolt'
import { redact } from '../build/redact.ts'

/** What we need of a logger; pino is one. */
export type Logger = Record<'debug' | 'info' | 'warn' | 'error', (facts: object, message: string) => void>

/** The same, with secrets masked: an error may quote what a log, a page or an address held. */
export function maskedLogger(logger: Logger): Logger {
  const write = (level: keyof Logger) => (facts: object, message: string) =>
    logger[level](maskedFacts(facts), redact(message))
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function maskedFacts(facts: object): object {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, maskedFact(value, factDepth)]))
}

/** Deeper than anything we say. */
const factDepth = 6

function maskedFact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth === 0) return '…'
  if (Array.isArray(value)) return value.map((item) => maskedFact(item, depth - 1))
  if (value instanceof Error)
    return { type: value.name, message: redact(value.message), stack: redact(value.stack ?? '') }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskedFact(inner, depth - 1)]))
}

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
