import { type ApiAnswer, type ApiRequest, ok, page, type Route, refusal, type Scene } from './github-answers.ts'
import type { LocalCache } from './github-code.ts'
import { numberFrom } from './github-world.ts'

export const cacheRoutes: Route[] = [
  {
    path: /^\/repos\/([^/]+\/[^/]+)\/actions\/caches$/,
    answer: ([name = ''], request, scene) => listCaches(scene.code.of(name).caches, request, scene),
  },
  {
    method: 'DELETE',
    path: /^\/repos\/([^/]+\/[^/]+)\/actions\/caches\/(\d+)$/,
    answer: ([name = '', id], _, scene) => deleteCache(name, Number(id), scene),
  },
  {
    path: /^\/repos\/([^/]+\/[^/]+)\/actions\/cache\/usage$/,
    answer: ([name = ''], _, scene) => showUsage(name, scene.code.of(name).caches),
  },
]

function deleteCache(repository: string, id: number, { code, deeds }: Scene): ApiAnswer {
  const { caches } = code.of(repository)
  const at = caches.findIndex((cache) => cache.id === id)
  const [gone] = at < 0 ? [] : caches.splice(at, 1)
  if (gone === undefined) return refusal(404, 'Not Found')
  deeds.deletedCaches.push({ repository, id, key: gone.key, ref: gone.ref })
  return { status: 204, headers: {}, body: null }
}

function showUsage(repository: string, caches: LocalCache[]): ApiAnswer {
  const active_caches_size_in_bytes = caches.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return ok({ full_name: repository, active_caches_size_in_bytes, active_caches_count: caches.length })
}

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
