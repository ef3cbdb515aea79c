import { createHash } from 'node:crypto'

/** What BuildKit's `type=gha` stores under a key of the Actions cache. */
export type GhaKey =
  | {
      kind: 'index'
      /** `scope=` of the cache settings; `buildkit` when none was given */
      scope: string
      /** of the git ref that wrote it, see `refHashOf` */
      refHash: string
      /** counts up with each export; the highest is the one that is read */
      generation: number
      isSigned: boolean
    }
  | { kind: 'blob'; digest: string }
  | { kind: 'other' }

/**
 * Keys as `cache/remotecache/gha/gha.go` of BuildKit v0.25 writes them: `index-<scope>-1-<ref>[-sig]`, to which
 * go-actions-cache's `SaveMutable` adds `#<n>`, and `buildkit-blob-1-<digest>`. A scope may hold dashes, digits, anything.
 */
export function readGhaKey(key: string): GhaKey {
  const index = /^index-(.*)-1-([0-9a-f]{8})(-sig)?#(\d{1,15})$/s.exec(key)
  if (index) {
    const [, scope = '', refHash = '', signed, generation] = index
    return { kind: 'index', scope, refHash, generation: Number(generation), isSigned: signed !== undefined }
  }
  const digest = /^buildkit-blob-1-([a-z0-9]+:[0-9a-f]{32,128})$/.exec(key)?.[1]
  return digest === undefined ? { kind: 'other' } : { kind: 'blob', digest }
}

/** How an index names the git ref it was written for: `refs/heads/main`, `refs/pull/12/merge`; empty for a read-only token. */
export function refHashOf(gitRef: string): string {
  return createHash('sha256').update(gitRef).digest('hex').slice(0, 8)
}
