import { addVertex, type Build, failVertex, finishVertex } from '../build.ts'

/**
 * A cache in a registry, where the builder names it with each layer (`repo/cache:key`) and not as a step of its own: told
 * once as BuildKit would.
 */
export function noteTransfer(build: Build, kind: 'import' | 'export', layer: string, line: number): void {
  const ref = repositoryOf(layer)
  const name = kind === 'import' ? `importing cache manifest from ${ref}` : `exporting cache to registry ${ref}`
  const vertex = build.vertices.get(name) ?? addVertex(build, name, name, line)
  if (vertex.status === 'unfinished') finishVertex(vertex, 'done')
}

/** The last cache that was written to could not be. */
export function noteFailedExport(build: Build, error: string, line: number): void {
  const vertex = [...build.vertices.values()].findLast(({ name }) => name.kind === 'export')
  if (vertex) failVertex(vertex, error, line)
}

/** `ghcr.io/acme/cache:0a1b`, `…@sha256:0a1b`; buildah 1.39 writes `…:0a1b:0a1` and `[…]:0a1b` → `ghcr.io/acme/cache` */
export function repositoryOf(reference: string): string {
  const [, path = '', name = ''] = /^\[?(.*\/)?([^\]:@]*)/.exec(reference) ?? []
  return path + name
}
