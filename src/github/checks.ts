import { z } from 'zod'
import { commitSha, githubId } from '../alert/from-run.ts'
import { ask } from './ask.ts'
import { type Annotation, annotationSchema, limits, missingFrom, payloadOf, within } from './check-annotation.ts'
import type { GithubClient } from './client.ts'

/** A check run as it should stand at a commit. */
export type WantedCheck = {
  headSha: string
  /** ours: the same id at the same commit is the same check run */
  externalId: string
  conclusion: 'success' | 'neutral' | 'failure'
  title: string
  /** Markdown */
  summary: string
  annotations: Annotation[]
  /** where "Details" leads; default: the App's page */
  detailsUrl?: string
}

/** Writes our check run. Needs *Checks: write*, which only an App can have; a token is refused. */
export type Checks = {
  /** Creates the check run, or brings the one that stands there up to date. Doing it twice changes nothing. */
  publish(repository: string, wanted: WantedCheck): Promise<{ id: number; url: string | null }>
}

export function githubChecks(client: GithubClient): Checks {
  return {
    async publish(repository, wanted) {
      const there = await findCheck(client, repository, wanted)
      const shown = there && there.annotations > 0 ? await readAnnotations(client, repository, there.id) : []
      const { missing, stale } = missingFrom(wanted.annotations, shown)
      // Annotations can be added and never taken away; GitHub shows the newest check run of a name.
      const reused = stale ? null : there
      const [first = [], ...more] = batches(reused ? missing : wanted.annotations)
      const written = await write(client, { repository, wanted, id: reused?.id ?? null, annotations: first })
      for (const annotations of more) await write(client, { repository, wanted, id: written.id, annotations })
      return { id: written.id, url: written.url }
    },
  }
}

const name = 'Layerwise'
const needs = 'Checks: write'

/** The newest of ours with this id at the commit. */
async function findCheck(client: GithubClient, repository: string, wanted: WantedCheck) {
  const doing = `Looking for our check run at ${wanted.headSha.slice(0, 7)} of ${repository}`
  const checks = await ask(client, { repository, doing, needs, schema: z.array(checkSchema) }, (octokit, place) =>
    octokit.paginate(octokit.rest.checks.listForRef, {
      ...place,
      ref: wanted.headSha,
      check_name: name,
      filter: 'all',
      ...(client.appId !== null && { app_id: client.appId }),
      per_page: 100,
    }),
  )
  const ours = checks.filter((check) => check.externalId === wanted.externalId && check.headSha === wanted.headSha)
  return ours.toSorted((a, b) => b.id - a.id)[0] ?? null
}

function readAnnotations(client: GithubClient, repository: string, id: number): Promise<Annotation[]> {
  const doing = `Reading the annotations of check run ${id} of ${repository}`
  return ask(client, { repository, doing, needs, schema: z.array(annotationSchema) }, (octokit, place) =>
    octokit.paginate(octokit.rest.checks.listAnnotations, { ...place, check_run_id: id, per_page: 100 }),
  )
}

type Writing = { repository: string; wanted: WantedCheck; id: number | null; annotations: Annotation[] }

function write(client: GithubClient, { repository, wanted, id, annotations }: Writing) {
  const doing = `${id === null ? 'Creating' : 'Updating'} our check run at ${wanted.headSha.slice(0, 7)} of ${repository}`
  const body = {
    name,
    external_id: wanted.externalId,
    status: 'completed',
    conclusion: wanted.conclusion,
    ...(wanted.detailsUrl !== undefined && { details_url: wanted.detailsUrl }),
    output: {
      title: within(limits.title, wanted.title),
      summary: within(limits.summary, wanted.summary),
      annotations: annotations.map(payloadOf),
    },
  } as const
  return ask(client, { repository, doing, needs, schema: checkSchema }, async ({ rest }, place) => {
    const answer =
      id === null
        ? await rest.checks.create({ ...place, ...body, head_sha: wanted.headSha })
        : await rest.checks.update({ ...place, ...body, check_run_id: id })
    return answer.data
  })
}

function batches(annotations: Annotation[]): Annotation[][] {
  const all: Annotation[][] = []
  for (let at = 0; at < annotations.length; at += limits.annotations)
    all.push(annotations.slice(at, at + limits.annotations))
  return all
}

const checkSchema = z
  .object({
    id: githubId,
    head_sha: commitSha,
    external_id: z.string().nullable(),
    html_url: z.string().nullable(),
    output: z.object({ annotations_count: z.int() }),
  })
  .transform((check) => ({
    id: check.id,
    headSha: check.head_sha,
    externalId: check.external_id,
    url: check.html_url,
    annotations: check.output.annotations_count,
  }))
