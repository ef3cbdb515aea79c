import { type Kysely, type Selectable, sql } from 'kysely'
import type { BuildSeries, KeptBuild } from '../cache/kept-build.ts'
import { buildOf, rowOf, text } from './build-row.ts'
import type { Tables } from './tables.ts'

/** Which of a series' builds: those before this time, on one branch (null: on none, of a tag say) or on all. */
export type BuildsAsked = { before: Date; limit: number; branch?: string | null }

export type Builds = {
  /**
   * Keeps a build and returns it as it is kept: long texts cut, long lists shortened. Kept again (the task was repeated,
   * more is known meanwhile) its findings are replaced; its time stays. One row per job, attempt and index.
   */
  keep(build: KeptBuild): Promise<KeptBuild>
  /** The latest of a series, oldest first. */
  last(series: BuildSeries, asked: BuildsAsked): Promise<KeptBuild[]>
  /** The latest of all the repository's series, oldest first. */
  ofRepository(repository: string, asked: { before: Date; limit: number }): Promise<KeptBuild[]>
  /** The image builds of an attempt of a run, job by job. */
  ofRun(runId: number, attempt: number): Promise<KeptBuild[]>
  /**
   * The latest comparable build before this one: of its own branch, else of the first of `bases` that has any. With
   * `outcome`, only one that ended so: a failed build leaves no cache in a registry or at GitHub.
   */
  previous(build: KeptBuild, asked?: { bases?: string[]; outcome?: KeptBuild['outcome'] }): Promise<KeptBuild | null>
  /** Builds of the repository's other series that wrote a cache, or tried to; the latest, oldest first. */
  writersBeside(series: BuildSeries, asked: { since: Date; before: Date; limit: number }): Promise<KeptBuild[]>
  /** Forgets what was built before `date`; says how many builds that were. */
  forgetBefore(date: Date): Promise<number>
}

/** The image builds whose logs were read, green ones too: what patterns over time and comparisons are made of. */
export function buildsIn(db: Kysely<Tables>): Builds {
  return {
    keep: (build) => keep(db, build),
    async last(series, { before, limit, branch }) {
      let query = latest(db, series).where('at', '<', before.toISOString()).limit(limit)
      if (branch !== undefined) query = query.where(onBranch(branch))
      return (await query.execute()).reverse().map(buildOf)
    },
    async ofRepository(repository, { before, limit }) {
      const wanted = db.selectFrom('builds').selectAll().where('repository', '=', repository.toLowerCase())
      const latest = wanted.where('at', '<', before.toISOString()).orderBy('at', 'desc').orderBy('run_id', 'desc')
      return (await latest.limit(limit).execute()).reverse().map(buildOf)
    },
    async ofRun(runId, attempt) {
      const wanted = db.selectFrom('builds').selectAll().where('run_id', '=', runId).where('attempt', '=', attempt)
      return (await wanted.orderBy('job_id').orderBy('build_index').execute()).map(buildOf)
    },
    previous: (build, asked = {}) => previous(db, build, asked),
    writersBeside: (series, asked) => writersBeside(db, series, asked),
    async forgetBefore(date) {
      const deleted = await db.deleteFrom('builds').where('at', '<', date.toISOString()).executeTakeFirst()
      return Number(deleted.numDeletedRows)
    },
  }
}

async function keep(db: Kysely<Tables>, build: KeptBuild): Promise<KeptBuild> {
  const { at: _stays, ...found } = rowOf(build)
  const kept = await db
    .insertInto('builds')
    .values(rowOf(build))
    .onConflict((conflict) => conflict.columns(['job_id', 'attempt', 'build_index']).doUpdateSet(found))
    .returningAll()
    .executeTakeFirstOrThrow()
  return buildOf(kept)
}

async function previous(
  db: Kysely<Tables>,
  build: KeptBuild,
  { bases = [], outcome }: { bases?: string[]; outcome?: KeptBuild['outcome'] },
): Promise<KeptBuild | null> {
  const at = build.at.toISOString()
  for (const branch of new Set([build.branch, ...bases])) {
    // two runs may end in the same millisecond: then the later run is the one with the higher id
    const earlier = sql<boolean>`(at < ${at} or (at = ${at} and run_id < ${build.runId}))`
    let query = latest(db, build).where(onBranch(branch)).where(earlier).limit(1)
    if (outcome !== undefined) query = query.where('outcome', '=', outcome)
    const row = await query.executeTakeFirst()
    if (row) return buildOf(row)
  }
  return null
}

async function writersBeside(
  db: Kysely<Tables>,
  { repository, workflow, jobName, series }: BuildSeries,
  { since, before, limit }: { since: Date; before: Date; limit: number },
): Promise<KeptBuild[]> {
  const rows: Selectable<Tables['builds']>[] = await db
    .selectFrom('builds')
    .selectAll()
    .where('repository', '=', repository.toLowerCase())
    .where('at', '>=', since.toISOString())
    .where('at', '<', before.toISOString())
    .where('exports', '<>', '[]')
    .where(
      sql<boolean>`not (workflow = ${text(workflow)} and job_name = ${text(jobName)} and series = ${text(series)})`,
    )
    .orderBy('at', 'desc')
    .orderBy('run_id', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse().map(buildOf)
}

function latest(db: Kysely<Tables>, { repository, workflow, jobName, series }: BuildSeries) {
  return db
    .selectFrom('builds')
    .selectAll()
    .where('repository', '=', repository.toLowerCase())
    .where('workflow', '=', text(workflow))
    .where('job_name', '=', text(jobName))
    .where('series', '=', text(series))
    .orderBy('at', 'desc')
    .orderBy('run_id', 'desc')
    .orderBy('attempt', 'desc')
    .orderBy('build_index', 'desc')
}

function onBranch(branch: string | null) {
  return branch === null ? sql<boolean>`branch is null` : sql<boolean>`branch = ${text(branch)}`
}
