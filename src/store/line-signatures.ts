import { type Kysely, type Selectable, sql } from 'kysely'
import type { Tables } from './tables.ts'

/** Whose lines: a job of a workflow on a branch. A leg of a matrix has a name of its own. */
export type JobPlace = { repository: string; workflow: string; jobName: string }

/** The lines of the latest green log that was read, as signatures (see diagnosis/novelty.ts): never the lines themselves. */
export type GreenLines = {
  /** null: a run without a branch, of a tag say */
  branch: string | null
  runId: number
  /** when the log was read */
  readAt: Date
  /** 32 bits of each different line, ascending */
  signatures: Uint32Array
}

export type LineSignatures = {
  /** Keeps what a newer green run wrote; of an older run than the one that is kept nothing is changed. */
  keep(place: JobPlace, lines: GreenLines): Promise<void>
  /** Of this branch; where nothing is known of it, the lines of whatever branch were read last. */
  of(place: JobPlace, branch: string | null): Promise<GreenLines | null>
  /** Forgets what was read before `date`; says of how many jobs. */
  forgetBefore(date: Date): Promise<number>
}

/** What the jobs write when all is well. */
export function lineSignaturesIn(db: Kysely<Tables>): LineSignatures {
  return {
    async keep(place, lines) {
      await db
        .insertInto('line_signatures')
        .values(rowOf(place, lines))
        .onConflict((conflict) =>
          conflict
            .columns(['repository', 'workflow', 'job_name', 'branch'])
            .doUpdateSet({
              run_id: sql<number>`excluded.run_id`,
              read_at: sql<string>`excluded.read_at`,
              signatures: sql<string>`excluded.signatures`,
            })
            .where(sql<boolean>`line_signatures.run_id <= excluded.run_id`),
        )
        .execute()
    },
    async of(place, branch) {
      const own = await linesAt(db, place).where('branch', '=', keyOf(branch)).executeTakeFirst()
      const row = own ?? (await linesAt(db, place).orderBy('read_at', 'desc').orderBy('branch').executeTakeFirst())
      return row ? linesOf(row) : null
    },
    async forgetBefore(date) {
      const deleted = await db
        .deleteFrom('line_signatures')
        .where('read_at', '<', date.toISOString())
        .executeTakeFirst()
      return Number(deleted.numDeletedRows)
    },
  }
}

function linesAt(db: Kysely<Tables>, { repository, workflow, jobName }: JobPlace) {
  return db
    .selectFrom('line_signatures')
    .selectAll()
    .where('repository', '=', repository.toLowerCase())
    .where('workflow', '=', workflow)
    .where('job_name', '=', jobName)
    .limit(1)
}

/** A primary key has no nulls, and no branch has an empty name. */
function keyOf(branch: string | null): string {
  return branch ?? ''
}

function rowOf(place: JobPlace, lines: GreenLines): Selectable<Tables['line_signatures']> {
  return {
    repository: place.repository.toLowerCase(),
    workflow: place.workflow,
    job_name: place.jobName,
    branch: keyOf(lines.branch),
    run_id: lines.runId,
    read_at: lines.readAt.toISOString(),
    signatures: packed(lines.signatures),
  }
}

function linesOf(row: Selectable<Tables['line_signatures']>): GreenLines {
  return {
    branch: row.branch === '' ? null : row.branch,
    runId: row.run_id,
    readAt: new Date(row.read_at),
    signatures: unpacked(row.signatures),
  }
}

/** Base64 of the numbers, four bytes each, the lowest first, whatever this machine's order is. */
function packed(signatures: Uint32Array): string {
  const bytes = Buffer.alloc(signatures.length * 4)
  signatures.forEach((signature, index) => {
    bytes.writeUInt32LE(signature, index * 4)
  })
  return bytes.toString('base64')
}

function unpacked(text: string): Uint32Array {
  const bytes = Buffer.from(text, 'base64')
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32LE(index * 4))
}
