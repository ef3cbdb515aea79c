import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

/** Where a wanted message stands in Slack, and what it says there (by hash). */
export type PostedMessage = { channel: string; ts: string; hash: string }

/**
 * `mine`: post it now, under `clientMsgId`; nobody else may until the lease runs out. `claim` counts from 1; above 1 an
 * earlier holder may have posted and died before it could say so, or handed the claim back.
 * `posted`: it stands; update it if it should say something else. `busy`: somebody is posting it; ask again later.
 */
export type Claim =
  | { kind: 'mine'; clientMsgId: string; claim: number }
  | ({ kind: 'posted' } & PostedMessage)
  | { kind: 'busy'; until: Date }

export type Messages = {
  /** Asks for the right to post `tag`: `mine` for exactly one of all callers until `now + leaseMs`. */
  claim(tag: string, wanted: { channel: string; now: Date; leaseMs: number }): Promise<Claim>
  /** Hands a claim back when its message was surely not posted, so that the next try need not wait for the lease. */
  release(tag: string, claim: number): Promise<void>
  /** Hands all claims back: for a process that knows that no other holds one. */
  releaseAll(): Promise<void>
  /** Says what stands in Slack now, after a post or an update. The first message of a tag stays its message for good. */
  posted(tag: string, message: PostedMessage): Promise<void>
  get(tag: string): Promise<PostedMessage | null>
}

/** The messages that stand in Slack, by tag: intent first, then the call, then the result. */
export function messagesIn(db: Kysely<Tables>): Messages {
  return {
    claim: (tag, wanted) => claim(db, tag, wanted),
    async release(tag, held) {
      const longAgo = new Date(0).toISOString()
      await db
        .updateTable('messages')
        .set({ lease_until: longAgo })
        .where('tag', '=', tag)
        .where('claims', '=', held)
        .where('ts', 'is', null)
        .execute()
    },
    async releaseAll() {
      const longAgo = new Date(0).toISOString()
      await db.updateTable('messages').set({ lease_until: longAgo }).where('ts', 'is', null).execute()
    },
    posted: (tag, message) => posted(db, tag, message),
    async get(tag) {
      const row = await db.selectFrom('messages').selectAll().where('tag', '=', tag).executeTakeFirst()
      return row ? postedOf(row) : null
    },
  }
}

/** A UUID that is the same for the same tag everywhere and always (version 5 of RFC 9562, in a name space of our own). */
export function clientMsgIdOf(tag: string): string {
  const bytes = createHash('sha1').update('layerwise/message\0').update(tag).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

async function claim(
  db: Kysely<Tables>,
  tag: string,
  { channel, now, leaseMs }: { channel: string; now: Date; leaseMs: number },
): Promise<Claim> {
  const taken = await db
    .insertInto('messages')
    .values({
      tag,
      client_msg_id: clientMsgIdOf(tag),
      channel,
      claims: 1,
      lease_until: new Date(now.getTime() + leaseMs).toISOString(),
      claimed_at: now.toISOString(),
    })
    // One statement: of two callers after the same dead holder only one finds the lease run out.
    .onConflict((conflict) =>
      conflict
        .column('tag')
        .doUpdateSet({
          channel: sql<string>`excluded.channel`,
          claims: sql<number>`messages.claims + 1`,
          lease_until: sql<string>`excluded.lease_until`,
          claimed_at: sql<string>`excluded.claimed_at`,
        })
        .where(sql<boolean>`messages.ts is null and messages.lease_until <= excluded.claimed_at`),
    )
    .returning(['client_msg_id', 'claims'])
    .executeTakeFirst()
  if (taken) return { kind: 'mine', clientMsgId: taken.client_msg_id, claim: taken.claims }
  const held = await db.selectFrom('messages').selectAll().where('tag', '=', tag).executeTakeFirstOrThrow()
  const standing = postedOf(held)
  return standing ? { kind: 'posted', ...standing } : { kind: 'busy', until: new Date(held.lease_until) }
}

async function posted(db: Kysely<Tables>, tag: string, { channel, ts, hash }: PostedMessage): Promise<void> {
  const longAgo = new Date(0).toISOString()
  const row = {
    tag,
    client_msg_id: clientMsgIdOf(tag),
    channel,
    ts,
    hash,
    claims: 0,
    lease_until: longAgo,
    claimed_at: longAgo,
  }
  await db
    .insertInto('messages')
    .values(row)
    // A holder whose lease had run out may come late: the message that was told of first stays.
    .onConflict((conflict) =>
      conflict
        .column('tag')
        .doUpdateSet({ channel, ts, hash })
        .where(sql<boolean>`messages.ts is null or messages.ts = excluded.ts`),
    )
    .execute()
}

function postedOf(row: Tables['messages']): PostedMessage | null {
  return row.ts === null ? null : { channel: row.channel, ts: row.ts, hash: row.hash ?? '' }
}
