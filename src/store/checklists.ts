import { type Kysely, type Selectable, sql } from 'kysely'
import { type Checklist, checklistSchema } from '../verdict/checklist.ts'
import { readJson } from './json-column.ts'
import type { Tables } from './tables.ts'

/** An attempt of a run that has ended; only checklists that were opened before `now` can have waited for it. */
export type EndedRun = Pick<Checklist, 'repository' | 'workflow' | 'branch'> & {
  runId: number
  attempt: number
  now: Date
}

export type Checklists = {
  /** Keeps a checklist, at version 1. Created again with the same id: the one that stands. */
  create(checklist: Checklist): Promise<Checklist>
  get(id: string): Promise<Checklist | null>
  /** Saves it as read; throws StaleChecklist when it was saved by somebody else since. Returns it with its new version. */
  save(checklist: Checklist): Promise<Checklist>
  /** The open ones that this run answers: theirs, at the attempt they wait for or later; or, where that is over, the next of its place. */
  waitingFor(run: EndedRun): Promise<Checklist[]>
  /** Oldest first. */
  ofStory(storyId: string): Promise<Checklist[]>
}

/** Somebody else was faster: read the checklist again and decide again. */
export class StaleChecklist extends Error {
  readonly code = 'stale-checklist' as const
}

export function checklistsIn(db: Kysely<Tables>): Checklists {
  return {
    create: (checklist) => create(db, checklist),
    async get(id) {
      const row = await db.selectFrom('checklists').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? checklistOf(row) : null
    },
    save: (checklist) => save(db, checklist),
    waitingFor: (run) => waitingFor(db, run),
    async ofStory(storyId) {
      const wanted = db.selectFrom('checklists').selectAll().where('story_id', '=', storyId)
      return (await wanted.orderBy('opened_at').orderBy('id').execute()).map(checklistOf)
    },
  }
}

async function create(db: Kysely<Tables>, wanted: Checklist): Promise<Checklist> {
  const inserted = await db
    .insertInto('checklists')
    .values(rowOf({ ...wanted, version: 1 }))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (inserted) return checklistOf(inserted)
  const standing = db.selectFrom('checklists').selectAll().where('id', '=', wanted.id)
  return checklistOf(await standing.executeTakeFirstOrThrow())
}

async function save(db: Kysely<Tables>, checklist: Checklist): Promise<Checklist> {
  const { id, ...columns } = rowOf({ ...checklist, version: checklist.version + 1 })
  const saved = await db
    .updateTable('checklists')
    .set(columns)
    .where('id', '=', id)
    .where('version', '=', checklist.version)
    .returningAll()
    .executeTakeFirst()
  if (saved) return checklistOf(saved)
  throw new StaleChecklist(`Checklist ${id} was not saved: it was changed since version ${checklist.version} was read`)
}

async function waitingFor(db: Kysely<Tables>, run: EndedRun): Promise<Checklist[]> {
  const { workflow, branch, runId, attempt, now } = run
  const next = sql`awaits_run_id is null and workflow = ${workflow} and coalesce(branch, '') = ${branch ?? ''}`
  const waiting = db
    .selectFrom('checklists')
    .selectAll()
    .where('state', '=', 'open')
    .where('repository', '=', run.repository.toLowerCase())
    .where('opened_at', '<', now.toISOString())
    .where(sql<boolean>`((awaits_run_id = ${runId} and awaits_attempt <= ${attempt}) or (${next}))`)
  return (await waiting.orderBy('opened_at').orderBy('id').execute()).map(checklistOf)
}

function rowOf(checklist: Checklist): Selectable<Tables['checklists']> {
  // What could not be read again is not written.
  checklistSchema.parse(checklist)
  const { id, workflow, branch, awaits, seenRun, state, version } = checklist
  return {
    id,
    story_id: checklist.storyId,
    repository: checklist.repository.toLowerCase(),
    workflow,
    branch,
    // what the awaited run did not answer the next one may
    awaits_run_id: seenRun === null ? (awaits?.runId ?? null) : null,
    awaits_attempt: seenRun === null ? (awaits?.attempt ?? null) : null,
    state,
    opened_at: new Date(checklist.openedAt).toISOString(),
    version,
    checklist: JSON.stringify(checklist),
  }
}

function checklistOf(row: Selectable<Tables['checklists']>): Checklist {
  return readJson(checklistSchema, row.checklist, `checklists.checklist of ${row.id}`)
}
