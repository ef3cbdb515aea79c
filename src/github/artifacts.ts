import type { Octokit } from 'octokit'
import { z } from 'zod'
import { githubId } from '../alert/from-run.ts'
import type { GithubClient } from './client.ts'
import { openStored, type StoredFile, type StoreOptions } from './stored-file.ts'

/**
 * A build record that `docker/build-push-action` (from v6) or `docker/bake-action` (from v5) uploaded. Its name is
 * `OWNER~REPOSITORY~ABCDEF.dockerbuild` after the first six letters of the build's reference; with `+2` before the dot
 * there are two further builds in it (docker/actions-toolkit `src/buildx/history.ts`).
 */
export type RecordArtifact = {
  id: number
  name: string
  /** of the artifact as stored */
  bytes: number
  expired: boolean
  /** ISO 8601 */
  createdAt: string | null
}

/** Does this artifact's name allow it to hold the build of this reference? */
export function mayHold({ name }: RecordArtifact, ref: string): boolean {
  return recordName.exec(name)?.[1]?.toLowerCase() === ref.slice(0, 6).toLowerCase()
}

const recordName = /~([0-9a-z]{6})(?:\+\d{1,4})?\.dockerbuild$/i

/** A run has hundreds of artifacts at most; GitHub gives a hundred a page. */
const pagesRead = 10

export async function listArtifacts(
  octokit: Octokit,
  place: { owner: string; repo: string; run_id: number },
): Promise<unknown> {
  let pages = 0
  return octokit.paginate(
    octokit.rest.actions.listWorkflowRunArtifacts,
    { ...place, per_page: 100 },
    ({ data }, done) => {
      if (++pages >= pagesRead) done()
      return data
    },
  )
}

const artifactSchema = z
  .object({
    id: githubId,
    name: z.string(),
    size_in_bytes: z.int(),
    expired: z.boolean(),
    created_at: z.iso.datetime({ offset: true }).nullable(),
  })
  .transform(({ id, name, size_in_bytes, expired, created_at }) => ({
    id,
    name,
    bytes: size_in_bytes,
    expired,
    createdAt: created_at,
  }))

/** GitHub's list, to the records in it. */
export const recordArtifacts = z
  .array(artifactSchema)
  .transform((all): RecordArtifact[] => all.filter(({ name }) => recordName.test(name)))

/** Opens an artifact: a zip, or since the end of 2025 the record itself. */
export function openRecord(
  client: GithubClient,
  options: StoreOptions,
): (repository: string, artifact: RecordArtifact) => Promise<StoredFile> {
  return (repository, { id, name }) =>
    openStored(
      client,
      {
        repository,
        path: '/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/zip',
        params: { artifact_id: id },
        noun: 'artifact',
        doing: `Fetching the artifact ${name} of ${repository}`,
        reasons: { api: reasons, store: { 404: reasons[404], 410: reasons[410] } },
      },
      options,
    )
}

const reasons = {
  403: 'we may not read it (403): the token or App needs the permission Actions: read',
  404: 'GitHub has no such artifact (404): it was deleted, or our credentials cannot see it',
  410: 'it expired or was deleted (410)',
}
