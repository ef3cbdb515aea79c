import { isIP } from 'node:net'
import { type Octokit, RequestError } from 'octokit'
import { z } from 'zod'
import { githubId, readPayload, repositoryName } from '../alert/from-run.ts'
import type { TagEntry } from '../remedy/plan.ts'
import { inShort, saidBy } from './call-once.ts'
import { type ClientOptions, octokitFor } from './client.ts'
import { GithubFault, githubFault } from './fault.ts'

/**
 * Container packages at GitHub, under a token of their own: GitHub lets neither Apps nor fine-grained tokens delete
 * them, only a classic token with read:packages and delete:packages, of somebody who administers the package.
 */
export type PackagesClient = {
  octokit: Octokit
  /** where images are pulled from: `ghcr.io`, `containers.ghe.example.com` */
  registry: string
  /** whether an owner is an organisation, once asked */
  owners: Map<string, Promise<'orgs' | 'users'>>
}

export function packagesClient(
  { token, apiUrl }: { token: string; apiUrl: string },
  options: ClientOptions = {},
): PackagesClient {
  const octokit = octokitFor({ baseUrl: apiUrl, token }, options)
  return { octokit, registry: registryOf(new URL(apiUrl).hostname), owners: new Map() }
}

/** What bears no name has no `containers.` below it: the local GitHub, which plays github.com. */
function registryOf(apiHost: string): string {
  if (apiHost === 'api.github.com' || isIP(apiHost) !== 0) return 'ghcr.io'
  return `containers.${apiHost.replace(/^api\./, '')}`
}

export type PackageRefused = { kind: 'refused'; because: string }
export type PackageVersions = { kind: 'listed'; entries: TagEntry[]; complete: boolean } | PackageRefused
export type PackageDeleted = { kind: 'deleted' | 'gone' } | PackageRefused

/** What an image's package holds, newest first; `complete` is false when there is more than we read. */
export function listPackageVersions(client: PackagesClient): (image: string) => Promise<PackageVersions> {
  return async (image) => {
    const place = placeOf(client, image)
    if (place === null) return elsewhere(client, image)
    const doing = `Listing the versions of ${image}`
    try {
      const pages = await readPages(client, place)
      return { kind: 'listed', entries: understood(doing, pages.entries), complete: pages.complete }
    } catch (error) {
      return refusedOr(doing, error, `read:packages to list the versions of ${image}`)
    }
  }
}

/** `linked`: `owner/name` of the repository whose rights are the package's; null: it is linked to none. */
export type PackageHome = { kind: 'found'; linked: string | null } | PackageRefused

/** Which repository an image's package belongs to. */
export function packageHome(client: PackagesClient): (image: string) => Promise<PackageHome> {
  return async (image) => {
    const place = placeOf(client, image)
    if (place === null) return elsewhere(client, image)
    const doing = `Looking up the package ${image}`
    try {
      const read = readPayload(homeSchema, await readPackage(client, place))
      if (read.kind === 'read') return { kind: 'found', linked: read.value }
      throw new GithubFault(
        'malformed',
        `${doing}: GitHub's answer is not what its description promises (${read.because}).`,
      )
    } catch (error) {
      return refusedOr(doing, error, `read:packages to look up ${image}`)
    }
  }
}

const homeSchema = z
  .object({ repository: z.object({ full_name: repositoryName }).nullish() })
  .transform(({ repository }) => repository?.full_name ?? null)

async function readPackage({ octokit, ...client }: PackagesClient, { owner, ...place }: Place): Promise<unknown> {
  const { rest } = octokit
  const answer =
    (await kindOf({ octokit, ...client }, owner)) === 'orgs'
      ? await rest.packages.getPackageForOrganization({ ...place, org: owner })
      : await rest.packages.getPackageForUser({ ...place, username: owner })
  return answer.data
}

/** Deletes one version, with all its tags. Doing it twice changes nothing. */
export function deletePackageVersion(
  client: PackagesClient,
): (version: { image: string; id: number }) => Promise<PackageDeleted> {
  return async ({ image, id }) => {
    const place = placeOf(client, image)
    if (place === null) return elsewhere(client, image)
    const doing = `Deleting version ${id} of ${image}`
    const needs = `delete:packages to delete a version of ${image}`
    try {
      await remove(client, place, id)
      return { kind: 'deleted' }
    } catch (error) {
      if (!isMissing(error)) return refusedOr(doing, error, needs)
      // GitHub says 404 also of what we may not delete.
      return (await isThere(client, place, id, doing)) ? refusedOr(doing, error, needs) : { kind: 'gone' }
    }
  }
}

type Place = { owner: string; package_name: string; package_type: 'container' }

/** `ghcr.io/acme/web/cache` → acme, `web/cache`; null for an image of another registry, and for what is no image. */
function placeOf({ registry }: PackagesClient, image: string): Place | null {
  const [host, owner, ...name] = (image.split('@')[0] ?? '').split('/')
  if (host !== registry || !owner || name.length === 0) return null
  const package_name = (name.join('/').split(':')[0] ?? '').toLowerCase()
  const isName = [owner, ...package_name.split('/')].every((part) => /^\w[\w.-]*$/.test(part))
  return isName ? { owner, package_name, package_type: 'container' } : null
}

function elsewhere({ registry }: PackagesClient, image: string): PackageRefused {
  const because = `${inShort(image)} is not in GitHub's container registry (${registry}/OWNER/NAME), and I can delete versions there only.`
  return { kind: 'refused', because }
}

const mostEntries = 1_000

async function readPages(client: PackagesClient, { owner, ...place }: Place) {
  const { rest } = client.octokit
  // GitHub describes no paging for those of a person, but its links lead on.
  const pages =
    (await kindOf(client, owner)) === 'orgs'
      ? client.octokit.paginate.iterator(rest.packages.getAllPackageVersionsForPackageOwnedByOrg, {
          ...place,
          org: owner,
          state: 'active',
          per_page: 100,
        })
      : client.octokit.paginate.iterator(rest.packages.getAllPackageVersionsForPackageOwnedByUser, {
          ...place,
          username: owner,
        })
  const entries: unknown[] = []
  for await (const { data } of pages) {
    if (entries.length >= mostEntries) return { entries, complete: false }
    entries.push(...data)
  }
  return { entries, complete: true }
}

async function remove(client: PackagesClient, { owner, ...place }: Place, id: number): Promise<void> {
  const { rest } = client.octokit
  const version = { ...place, package_version_id: id }
  if ((await kindOf(client, owner)) === 'orgs')
    await rest.packages.deletePackageVersionForOrg({ ...version, org: owner })
  else await rest.packages.deletePackageVersionForUser({ ...version, username: owner })
}

async function isThere(client: PackagesClient, { owner, ...place }: Place, id: number, doing: string) {
  const { rest } = client.octokit
  const version = { ...place, package_version_id: id }
  try {
    if ((await kindOf(client, owner)) === 'orgs')
      await rest.packages.getPackageVersionForOrganization({ ...version, org: owner })
    else await rest.packages.getPackageVersionForUser({ ...version, username: owner })
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw githubFault(doing, error, { needs: 'read:packages (a classic token)' })
  }
}

/** GitHub has two addresses for packages, by what their owner is. */
function kindOf({ octokit, owners }: PackagesClient, owner: string): Promise<'orgs' | 'users'> {
  const key = owner.toLowerCase()
  const known = owners.get(key)
  if (known !== undefined) return known
  const asked = octokit.rest.users
    .getByUsername({ username: owner })
    .then(({ data }) => (data.type === 'Organization' ? 'orgs' : 'users'))
  owners.set(key, asked)
  asked.catch(() => owners.delete(key))
  return asked
}

function isMissing(error: unknown): boolean {
  return error instanceof RequestError && error.status === 404
}

/** A refusal is an answer that a person can do something about; everything else is a fault. */
function refusedOr(doing: string, error: unknown, needs: string): PackageRefused {
  const fault = githubFault(doing, error, { needs: 'read:packages and delete:packages (a classic token)' })
  const status = fault.status ?? 0
  if (fault.code === 'rate-limited' || status < 400 || status >= 500) throw fault
  const said = saidBy(error)
  const because = [401, 403, 404].includes(status)
    ? `GitHub answered ${status}${said === null ? '' : ` (${said})`}. ${tokenNeeds(error, needs)}`
    : `${doing}: ${said ?? 'GitHub gives no reason'} (${status}).`
  return { kind: 'refused', because }
}

/** GitHub names the scopes of a classic token with every answer, and of no other kind of token. */
function tokenNeeds(error: unknown, needs: string): string {
  const scopes = error instanceof RequestError ? error.response?.headers['x-oauth-scopes'] : undefined
  const has =
    typeof scopes === 'string'
      ? `GITHUB_PACKAGES_TOKEN has the scopes ${inShort(scopes) || '(none)'}`
      : 'GITHUB_PACKAGES_TOKEN seems to be no classic token, and GitHub lets no other kind do this'
  return `It takes a classic token with ${needs}, of somebody who administers the package; ${has}. Or there is no such package.`
}

function understood(doing: string, entries: unknown[]): TagEntry[] {
  const read = readPayload(z.array(versionSchema), entries)
  if (read.kind === 'malformed')
    throw new GithubFault(
      'malformed',
      `${doing}: GitHub's answer is not what its API description promises (${read.because}).`,
    )
  // One that is pushed while we page is met twice.
  return [...new Map(read.value.map((entry) => [entry.id, entry])).values()]
}

const versionSchema = z
  .object({
    id: githubId,
    /** of a container its digest */
    name: z.string().max(300),
    updated_at: z.iso.datetime({ offset: true }),
    metadata: z.object({ container: z.object({ tags: z.array(z.string().max(300)) }).optional() }).optional(),
  })
  .transform(
    (version): TagEntry => ({
      id: version.id,
      tags: version.metadata?.container?.tags ?? [],
      digest: version.name,
      updatedAt: version.updated_at,
      // GitHub's API does not tell.
      sizeBytes: null,
    }),
  )
