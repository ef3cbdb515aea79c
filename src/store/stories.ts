import { type Kysely, type Selectable, sql } from 'kysely'
import { type Story, storySchema } from '../thread/story.ts'
import { readJson } from './json-column.ts'
import type { Tables } from './tables.ts'

export type StoryPlace = Pick<Story, 'channel' | 'repository' | 'workflow' | 'branch'>

export type Stories = {
  /**
   * Opens a story, at version 1. One story of a fingerprint is open per channel, repository, workflow and branch: when
   * somebody else's stands open already it comes back as `known`. Asked again with the same id, the answer is `created`
   * again.
   */
  create(story: Story): Promise<{ kind: 'created' | 'known'; story: Story }>
  /** Saves the story as read; throws StaleStory when it was saved by somebody else since. Returns it with its new version. */
  save(story: Story): Promise<Story>
  get(id: string): Promise<Story | null>
  /** The open stories of a place, oldest first. */
  open(place: StoryPlace): Promise<Story[]>
}

/** Somebody else was faster: read the story again and decide again. */
export class StaleStory extends Error {
  readonly code = 'stale-story' as const
}

/** The failure stories. */
export function storiesIn(db: Kysely<Tables>): Stories {
  return {
    create: (story) => create(db, story),
    save: (story) => save(db, story),
    async get(id) {
      const row = await db.selectFrom('stories').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? storyOf(row) : null
    },
    async open(place) {
      const rows = await openIn(db, place).orderBy('first_at').orderBy('id').execute()
      return rows.map(storyOf)
    },
  }
}

async function create(db: Kysely<Tables>, wanted: Story): ReturnType<Stories['create']> {
  // Twice at most in practice: only when the story that was in the way is closed between our two questions.
  for (let tries = 0; tries < 5; tries++) {
    const inserted = await db
      .insertInto('stories')
      .values(rowOf({ ...wanted, version: 1 }))
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (inserted) return { kind: 'created', story: storyOf(inserted) }
    const own = await db.selectFrom('stories').selectAll().where('id', '=', wanted.id).executeTakeFirst()
    if (own) return { kind: 'created', story: storyOf(own) }
    const other = await openIn(db, wanted).where('fingerprint', '=', wanted.fingerprint).executeTakeFirst()
    if (other) return { kind: 'known', story: storyOf(other) }
  }
  throw new StaleStory(`Story ${wanted.id} could not be created: others like it keep opening and closing; try again`)
}

async function save(db: Kysely<Tables>, story: Story): Promise<Story> {
  const { id, ...columns } = rowOf({ ...story, version: story.version + 1 })
  try {
    const saved = await db
      .updateTable('stories')
      .set(columns)
      .where('id', '=', id)
      .where('version', '=', story.version)
      .returningAll()
      .executeTakeFirst()
    if (saved) return storyOf(saved)
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new StaleStory(`Story ${id} was not saved: another story of the same failure is open now`, { cause: error })
  }
  throw new StaleStory(`Story ${id} was not saved: it was changed since version ${story.version} was read`)
}

function openIn(db: Kysely<Tables>, place: StoryPlace) {
  return db
    .selectFrom('stories')
    .selectAll()
    .where('state', '=', 'open')
    .where('channel', '=', place.channel)
    .where('workflow', '=', place.workflow)
    .where(sql<boolean>`lower(repository) = ${place.repository.toLowerCase()}`)
    .where(sql<boolean>`coalesce(branch, '') = ${place.branch ?? ''}`)
}

function isUniqueViolation(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  const postgresUnique = '23505'
  const sqliteUnique = 2067
  return code === postgresUnique || errcode === sqliteUnique
}

function rowOf(story: Story): Selectable<Tables['stories']> {
  // What could not be read again is not written.
  storySchema.parse(story)
  const { id, channel, repository, workflow, branch, fingerprint, state, version } = story
  const first_at = story.firstAt
  return {
    id,
    channel,
    repository,
    workflow,
    branch,
    fingerprint,
    state,
    first_at,
    version,
    story: JSON.stringify(story),
  }
}

function storyOf(row: Selectable<Tables['stories']>): Story {
  return readJson(storySchema, row.story, `stories.story of ${row.id}`)
}
