import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonical } from './plan.ts'

/** What is written down for ever: every row carries the hash of the one before it, so none can be changed or left out. */
export const auditKinds = [
  'asked',
  'approved',
  'rejected',
  'expired',
  'cancelled',
  'ran',
  'failed',
  'skipped',
  'denied',
  'verdict',
  'paused',
  'resumed',
  'dry-run-on',
  'dry-run-off',
  'linked',
  'unlinked',
] as const
export type AuditKind = (typeof auditKinds)[number]

export const auditEntrySchema = z.strictObject({
  at: z.iso.datetime(),
  kind: z.enum(auditKinds),
  /** who; null: the clock or the bot itself */
  slackId: z.string().nullable(),
  githubLogin: z.string().nullable(),
  repository: z.string().nullable(),
  /** operation, or what else it was about */
  what: z.string(),
  requestId: z.string().nullable(),
  planHash: z.string().nullable(),
  /** redacted */
  reason: z.string().nullable(),
  result: z.string().nullable(),
  link: z.string().nullable(),
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

export type AuditRow = AuditEntry & {
  /** counts from 1 without a gap */
  seq: number
  previousHash: string
  hash: string
}

/** What the first row follows. */
export const genesis = '0'.repeat(64)

export function chained(entry: AuditEntry, before: { seq: number; hash: string } | null): AuditRow {
  const seq = (before?.seq ?? 0) + 1
  const previousHash = before?.hash ?? genesis
  return { ...entry, seq, previousHash, hash: hashOf(entry, seq, previousHash) }
}

/** Null: the row is what was written, after `before`. Otherwise what is wrong with it. */
export function brokenBecause(row: AuditRow, before: { seq: number; hash: string } | null): string | null {
  const { seq, previousHash, hash, ...entry } = row
  const expected = (before?.seq ?? 0) + 1
  if (seq !== expected) return `row ${expected} is missing, row ${seq} follows`
  if (previousHash !== (before?.hash ?? genesis)) return `row ${seq} does not follow row ${seq - 1}`
  if (hash !== hashOf(entry, seq, previousHash)) return `row ${seq} was changed after it was written`
  return null
}

function hashOf(entry: AuditEntry, seq: number, previousHash: string): string {
  return createHash('sha256')
    .update(canonical({ ...entry, seq, previousHash }))
    .digest('hex')
}
