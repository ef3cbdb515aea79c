import type { Octokit } from 'octokit'
import type { z } from 'zod'
import { readPayload } from '../alert/from-run.ts'
import { type GithubClient, ownerAndName } from './client.ts'
import { GithubFault, githubFault } from './fault.ts'
import type { AppPermission } from './permissions.ts'

export type Question<T> = {
  /** `owner/name` */
  repository: string
  /** for messages: `Reading run 7 of acme/web` */
  doing: string
  /** the permission that a refusal is likely to be for; default `Actions: read` */
  needs?: AppPermission
  /** what we read of the answer */
  schema: z.ZodType<T>
}

/** Asks GitHub for something and reads the answer; whatever keeps us from it is a `GithubFault`. */
export async function ask<T>(
  client: GithubClient,
  question: Question<T>,
  request: (octokit: Octokit, place: { owner: string; repo: string }) => Promise<unknown>,
): Promise<T> {
  const { repository, doing, needs, schema } = question
  try {
    const answer = await request(await client.forRepository(repository), ownerAndName(repository))
    return understood(doing, schema, answer)
  } catch (error) {
    throw githubFault(doing, error, { needs })
  }
}

function understood<T>(doing: string, schema: z.ZodType<T>, data: unknown): T {
  const read = readPayload(schema, data)
  if (read.kind === 'read') return read.value
  throw new GithubFault(
    'malformed',
    `${doing}: GitHub's answer is not what its API description promises (${read.because}).`,
  )
}
