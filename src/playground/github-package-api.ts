import { type ApiAnswer, type ApiRequest, ok, page, type Route, refusal, type Scene } from './github-answers.ts'
import type { LocalVersion } from './github-packages.ts'
import { type Addresses, repositoryPayload } from './github-repository.ts'

const versions = '^/(orgs|users)/([^/]+)/packages/container/([^/]+)/versions'
const tokens: NonNullable<Route['tokens']> = ['packages']

export const packageRoutes: Route[] = [
  {
    path: /^\/(orgs|users)\/([^/]+)\/packages\/container\/([^/]+)$/,
    tokens,
    answer: (params, _, scene) => answered(params, 'read:packages', scene, (at) => tell(at, scene)),
  },
  {
    path: new RegExp(`${versions}$`),
    tokens,
    answer: (params, request, scene) => answered(params, 'read:packages', scene, (at) => list(at, request, scene)),
  },
  {
    path: new RegExp(`${versions}/(\\d+)$`),
    tokens,
    answer: (params, _, scene) => answered(params, 'read:packages', scene, (at) => show(at, scene)),
  },
  {
    method: 'DELETE',
    path: new RegExp(`${versions}/(\\d+)$`),
    tokens,
    answer: (params, _, scene) => answered(params, 'delete:packages', scene, (at) => remove(at, scene)),
  },
]

type Place = { folder: string; owner: string; name: string; id: number; all: LocalVersion[] }

/** Organisations and people have addresses of their own; a classic token's scopes are named with every answer. */
function answered(
  [folder = '', owner = '', name = '', id]: string[],
  needs: string,
  { packages }: Scene,
  answer: (place: Place) => ApiAnswer,
): ApiAnswer {
  if (packages.scopes === null) return refusal(403, 'Resource not accessible by personal access token')
  const headers = { 'x-oauth-scopes': packages.scopes.join(', ') }
  if (!packages.scopes.includes(needs))
    return { ...refusal(403, `You need at least ${needs} scope to do this.`), headers }
  const all = packages.versionsOf(owner, name)
  const isRightFolder = (packages.kindOf(owner) === 'Organization') === (folder === 'orgs')
  if (all === null || !isRightFolder) return { ...refusal(404, 'Package not found.'), headers }
  const given = answer({ folder, owner, name, id: Number(id), all })
  return { ...given, headers: { ...headers, ...given.headers } }
}

function list({ all, ...place }: Place, request: ApiRequest, { at }: Scene): ApiAnswer {
  const { items, headers } = page(all, request, at)
  return { ...ok(items.map((version) => versionPayload(version, place, at))), headers }
}

function tell({ folder, owner, name, all }: Place, { packages, at }: Scene): ApiAnswer {
  const page = `${folder}/${owner}/packages/container/${encodeURIComponent(name)}`
  const linked = packages.linkedTo(owner, name)
  const created = all.at(-1)?.createdAt.toISOString() ?? '2026-01-01T00:00:00.000Z'
  return ok({
    id: 1,
    name,
    package_type: 'container',
    url: `${at.api}/${page}`,
    html_url: `${at.pages}/${page}`,
    version_count: all.length,
    visibility: 'private',
    created_at: created,
    updated_at: all[0]?.updatedAt.toISOString() ?? created,
    ...(linked === null ? {} : { repository: repositoryPayload(linked, at) }),
  })
}

function show({ all, ...place }: Place, { at }: Scene): ApiAnswer {
  const version = all.find(({ id }) => id === place.id)
  return version ? ok(versionPayload(version, place, at)) : refusal(404, 'Package not found.')
}

/** GitHub keeps the last version that has a tag: the package itself would have to go. */
function remove({ owner, name, id, all }: Place, { packages, deeds }: Scene): ApiAnswer {
  const version = all.find((each) => each.id === id)
  if (!version) return refusal(404, 'Package not found.')
  if (version.tags.length > 0 && all.filter(({ tags }) => tags.length > 0).length === 1)
    return refusal(400, 'You cannot delete the last tagged version of a package. You must delete the package instead.')
  packages.remove(owner, name, id)
  deeds.deletedVersions.push({ owner, name, id })
  return { status: 204, headers: {}, body: null }
}

function versionPayload(
  version: LocalVersion,
  { folder, owner, name }: Omit<Place, 'all'>,
  at: Addresses,
): Record<string, unknown> {
  const page = `${at.pages}/${folder}/${owner}/packages/container/${encodeURIComponent(name)}`
  return {
    id: version.id,
    name: version.digest,
    url: `${at.api}/${folder}/${owner}/packages/container/${encodeURIComponent(name)}/versions/${version.id}`,
    package_html_url: page,
    html_url: `${page}/${version.id}`,
    created_at: version.createdAt.toISOString(),
    updated_at: version.updatedAt.toISOString(),
    metadata: { package_type: 'container', container: { tags: version.tags } },
  }
}
