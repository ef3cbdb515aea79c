import type { Command } from 'commander'
import { complain, print, wordsOf } from './cli-words.ts'

/** `layerwise audit …`: exit status 0 whole or written out, 3 the chain is broken, 2 it could not be read. */
export function addAuditCommands(program: Command, ended: (status: number) => void): void {
  const audit = program.command('audit').description('what was asked, agreed to and done, as the bot wrote it down')
  audit
    .command('verify')
    .description('every row is what was written and none is missing; exit status 3 when not')
    .option('--database <url>', "the bot's database (default: DATABASE_URL)")
    .action(async (options: AuditOptions) => ended(await withAudit(options, verify)))
  audit
    .command('export')
    .description('the rows as JSON lines, oldest first')
    .option('--database <url>', "the bot's database (default: DATABASE_URL)")
    .option('--since <date>', 'only what was written from then on, e.g. 2026-11-01 or 2026-11-01T12:00:00Z')
    .action(async (options: AuditOptions) => ended(await exportRows(options)))
}

type AuditOptions = { database?: string; since?: string }
type Audit = ReturnType<typeof import('./store/store.ts').readAudit>

const broken = 3

async function verify(audit: Audit): Promise<number> {
  const found = await audit.verify()
  if (found.broken === null) {
    const last = found.head === null ? '' : `, the last is row ${found.head.seq} with the hash ${found.head.hash}`
    await print(`The audit is whole: ${found.rows === 1 ? '1 row' : `${found.rows} rows`}${last}\n`)
    return 0
  }
  await print(`The audit is broken: ${found.broken}.
${stillHolding(found.rows)} What comes after proves nothing.
Somebody or something changed the database past the bot, or an older copy of it was put back. Compare with a backup, and
with the hash of the last row where the bot posts it each day. Until it is whole the bot carries out nothing.
`)
  return broken
}

function stillHolding(rows: number): string {
  if (rows === 0) return 'No row before that is left to trust.'
  return rows === 1 ? 'The row before that still holds.' : `The ${rows} rows before that still hold.`
}

async function exportRows(options: AuditOptions): Promise<number> {
  const since = options.since === undefined ? Number.NEGATIVE_INFINITY : timeOf(options.since)
  if (since === null) return refuse('--since takes a date or a time, e.g. 2026-11-01 or 2026-11-01T12:00:00Z')
  return withAudit(options, async (audit) => {
    for await (const row of audit.each()) if (Date.parse(row.at) >= since) await print(`${JSON.stringify(row)}\n`)
    return 0
  })
}

/** Milliseconds since 1970; a date alone begins in UTC. Null: neither. */
function timeOf(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)) return null
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}

/** Loaded when asked for, and opened only to read: the bot may be running on it. */
async function withAudit({ database }: AuditOptions, work: (audit: Audit) => Promise<number>): Promise<number> {
  const { environment } = await import('./config.ts')
  const url = database ?? environment().DATABASE_URL
  if (url === undefined || url === '') return refuse('which database? Name it with --database or DATABASE_URL')
  const { readAudit } = await import('./store/store.ts')
  try {
    const audit = readAudit(url)
    try {
      return await work(audit)
    } finally {
      await audit.close()
    }
  } catch (error) {
    return refuse(`reading the audit: ${wordsOf(error)}`)
  }
}

function refuse(because: string): number {
  complain(`layerwise: ${because}`)
  return 2
}
