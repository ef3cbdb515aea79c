import { type ApiAnswer, type ApiRequest, ok, page, type Route, type Scene } from './github-answers.ts'
import type { LocalCache } from './github-code.ts'
import { numberFrom } from './github-world.ts'

export const cacheRoutes: Route[] = [
  {
    path: /^\/repos\/([^/]+\/[^/]+)\/actions\/caches$/,
    answer: ([name = ''], request, scene) => listCaches(scene.code.of(name).caches, request, scene),
  },
]

/** `key` may be the beginning of one. */
function listCaches(all: LocalCache[], request: ApiRequest, { at }: Scene): ApiAnswer {
  const { query } = request
  const field = query.get('sort') === 'created_at' ? 'createdAt' : 'lastUsedAt'
  const wanted = all
    .filter(({ key, ref }) => key.startsWith(query.get('key') ?? '') && [null, ref].includes(query.get('ref')))
    .toSorted((a, b) => b[field].getTime() - a[field].getTime() || b.id - a.id)
  if (query.get('direction') === 'asc') wanted.reverse()
  const { items, headers } = page(wanted, request, at)
  const actions_caches = items.map(({ id, ref, key, sizeBytes, createdAt, lastUsedAt }) => ({
    id,
    ref,
    key,
    version: numberFrom('version').toString(16),
    last_accessed_at: lastUsedAt.toISOString(),
    created_at: createdAt.toISOString(),
    size_in_bytes: sizeBytes,
  }))
  return { ...ok({ total_count: wanted.length, actions_caches }), headers }
}
