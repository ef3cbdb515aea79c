import { ownCopy } from './log-lines.ts'
import { readVertexName, type VertexName } from './vertex-name.ts'

/**
 * What a builder did, folded from the lines of a log as they come. One `Build` is one invocation: a bake with five
 * targets is one, two `docker build` in a job are two.
 */
export type Build = {
  builder: 'buildkit' | 'classic' | 'kaniko' | 'buildah'
  /** `docker`, `docker-container`, … when the log names it */
  driver: string | null
  vertices: Map<string, Vertex>
  /** the vertex that the display showed last */
  showing: Vertex | null
  /** the closing error, wrappers kept, at most a few lines */
  finalError: { line: number; text: string } | null
  excerpts: Excerpt[]
  /** the builder said in so many words that it is through */
  succeeded: boolean
  /** index of the job's step that ran it, null outside GitHub Actions */
  jobStep: number | null
  /** the command line that started it, when the log echoes it */
  command: string | null
  /** where it is echoed */
  commandLine: number | null
  /** what its build record adds; null when only a log tells of it */
  record: RecordFacts | null
  /** the vertex that the record names as the one that failed */
  fatal: Vertex | null
  firstLine: number
  lastLine: number
}

export type Vertex = {
  /** `#7`, a digest (rawjson), or the position of a classic step */
  key: string
  name: VertexName
  text: string
  status: 'unfinished' | 'done' | 'cached' | 'failed' | 'canceled'
  seconds: number | null
  /** by the clock of whoever tells it, in milliseconds since 1970: first start and end; null where no clock is told */
  startedAt: number | null
  endedAt: number | null
  error: string | null
  errorLine: number | null
  line: number
  /** wrote output of its own since it last started */
  spoke: boolean
  /** showed layers being fetched or unpacked */
  pulled: boolean
  /** wrote inline cache metadata into the image */
  inlineCache: boolean
  /** BuildKit's digest of it, and those of the vertices it builds on; raw progress and records tell, plain progress never */
  digest: string | null
  inputs: string[]
  /** where its instruction stands, from 1; only a record of BuildKit tells */
  dockerfileLine: number | null
}

/**
 * What a build record tells beyond its vertices. Values that a person gave (build arguments, contexts) are masked. The
 * caches that it was to write are not in a record; which it wrote, its vertices say.
 */
export type RecordFacts = {
  /** BuildKit's name of the build, 25 letters and digits */
  ref: string
  /** ISO 8601; null when the build was still running */
  startedAt: string | null
  completedAt: string | null
  /** name of the target in a bake file */
  bakeTarget: string | null
  /** stage that `--target` asked for */
  target: string | null
  /** as asked for with `--platform`, else the builder's own */
  platforms: string[]
  dockerfile: { name: string; text: string | null }
  buildArgs: { name: string; value: string }[]
  /** all of it, or the stages named with `--no-cache-filter` */
  noCache: boolean | string[]
  /** `--cache-from`, with what BuildKit keeps of its options: scope and ref */
  cacheFrom: { type: string; scope: string | null; ref: string | null }[]
  /** base images, git repositories and downloads, as package or plain URLs; only of a build that went well */
  sources: { uri: string; digest: string | null }[]
}

/** The piece of Dockerfile that BuildKit prints under an error (BuildKit `solver/errdefs/source.go`). */
export type Excerpt = { file: string; marked: { line: number; code: string }[] }

export function newBuild(builder: Build['builder'], line: number): Build {
  return {
    builder,
    driver: null,
    vertices: new Map(),
    showing: null,
    finalError: null,
    excerpts: [],
    succeeded: false,
    jobStep: null,
    command: null,
    commandLine: null,
    record: null,
    fatal: null,
    firstLine: line,
    lastLine: line,
  }
}

/** More than any Dockerfile has: what claims to be more is no build, and is not kept. */
const verticesKept = 4000

export function addVertex(build: Build, key: string, text: string, line: number): Vertex {
  const kept = ownCopy(text)
  const vertex: Vertex = {
    key,
    name: readVertexName(kept),
    text: kept,
    status: 'unfinished',
    seconds: null,
    startedAt: null,
    endedAt: null,
    error: null,
    errorLine: null,
    line,
    spoke: false,
    pulled: false,
    inlineCache: false,
    digest: null,
    inputs: [],
    dockerfileLine: null,
  }
  if (build.vertices.size < verticesKept) build.vertices.set(key, vertex)
  return vertex
}

/** Last writer wins (BuildKit drops a cache record that it cannot load and runs the step after all). */
export function finishVertex(vertex: Vertex, status: Vertex['status'], seconds: number | null = null): void {
  // a layer fetched at export says DONE under a step that said CACHED; without a fetch it really ran again
  if (status === 'done' && vertex.status === 'cached' && vertex.pulled && !vertex.spoke) return
  vertex.status = status
  vertex.seconds = status === 'done' || status === 'failed' ? seconds : null
}

/** Classic, buildah, kaniko: the next step begins, so the one before is through. */
export function closeVertex(vertex: Vertex | null): void {
  if (vertex?.status === 'unfinished') finishVertex(vertex, 'done')
}

export function failVertex(vertex: Vertex, error: string, line: number): void {
  vertex.error = ownCopy(error)
  vertex.errorLine = line
  vertex.status = /context canceled$/.test(error.trimEnd()) ? 'canceled' : 'failed'
}

/** A step of a Dockerfile whose name the log shows. */
export function isStep(vertex: Vertex): boolean {
  return (vertex.name.kind === 'step' || vertex.name.kind === 'from') && vertex.text !== ''
}

/** A step that only fetched its layer was a hit in a remote cache, though it says DONE. FROM always fetches. */
export function wasCached(vertex: Vertex): boolean {
  if (vertex.status === 'cached') return true
  return vertex.status === 'done' && vertex.name.kind === 'step' && vertex.pulled && !vertex.spoke
}
