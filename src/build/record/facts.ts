import { z } from 'zod'
import type { RecordFacts } from '../build.ts'
import { redact } from '../redact.ts'
import type { Ending } from './ending.ts'
import type { Provenance } from './provenance.ts'

/** Go's JSON of a timestamp, old and new, to ISO 8601. */
const time = z
  .union([
    z.iso.datetime({ offset: true }),
    z
      .object({ seconds: z.number(), nanos: z.number().default(0) })
      .transform(({ seconds, nanos }) => isoOf(seconds * 1000 + nanos / 1e6)),
  ])
  .nullish()
  .transform((at) => at ?? null)

function isoOf(ms: number): string | null {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** BuildKit's `BuildHistoryRecord`, as buildx writes it in JSON, with what it adds (`util/desktop/bundle/export.go`). */
export const historySchema = z.object({
  Ref: z.string(),
  FrontendAttrs: z
    .record(z.string(), z.string())
    .nullish()
    .transform((attributes) => attributes ?? {}),
  error: z
    .object({ code: z.int().default(2), message: z.string().default('') })
    .nullish()
    .transform((error) => (error ? { ...error, details: [] } : null)),
  CreatedAt: time,
  CompletedAt: time,
  DefaultPlatform: z.string().nullish(),
  localState: z.object({ Target: z.string().nullish() }).nullish(),
})

export function factsOf(
  { Ref, FrontendAttrs, CreatedAt, CompletedAt, DefaultPlatform, localState }: z.infer<typeof historySchema>,
  provenances: Provenance[],
  ending: Ending | null,
): RecordFacts {
  const asked = FrontendAttrs.platform ?? DefaultPlatform ?? ''
  return {
    ref: Ref,
    startedAt: CreatedAt,
    completedAt: CompletedAt,
    // buildx calls the one target of a plain build `default`, as BuildKit would a bake's
    bakeTarget: localState?.Target && localState.Target !== 'default' ? localState.Target : null,
    target: FrontendAttrs.target || null,
    platforms: listOf(asked),
    dockerfile: {
      name: FrontendAttrs.filename ?? 'Dockerfile',
      text: provenances.find(({ dockerfile }) => dockerfile)?.dockerfile ?? ending?.sources[0]?.text ?? null,
    },
    buildArgs: Object.entries(FrontendAttrs)
      .filter(([name]) => name.startsWith('build-arg:'))
      .map(([name, value]) => buildArg(name.slice('build-arg:'.length), value)),
    noCache: noCache(FrontendAttrs['no-cache']),
    cacheFrom: cacheFrom(FrontendAttrs['cache-imports']),
    sources: provenances.flatMap(({ sources }) => sources.map((source) => ({ ...source, uri: redact(source.uri) }))),
  }
}

/** Masked with its name, which often tells that the value is a secret. */
function buildArg(name: string, value: string): RecordFacts['buildArgs'][number] {
  const shown = redact(`--build-arg ${name}=${value}`)
  return { name, value: shown.slice(shown.indexOf('=') + 1) }
}

/** The attribute stands there, empty, for `--no-cache`, and names stages for `--no-cache-filter`. */
function noCache(attribute: string | undefined): RecordFacts['noCache'] {
  if (attribute === undefined) return false
  const stages = listOf(attribute)
  return stages.length === 0 || stages
}

const importsSchema = z.array(
  z.object({
    Type: z.string(),
    Attrs: z
      .record(z.string(), z.string())
      .nullish()
      .transform((attributes) => attributes ?? {}),
  }),
)

/** buildx keeps scope and ref of them, and writes '' when it could not read them. */
function cacheFrom(attribute: string | undefined): RecordFacts['cacheFrom'] {
  if (!attribute) return []
  try {
    return importsSchema
      .parse(JSON.parse(attribute))
      .map(({ Type, Attrs }) => ({ type: Type, scope: Attrs.scope ?? null, ref: Attrs.ref ? redact(Attrs.ref) : null }))
  } catch {
    return []
  }
}

function listOf(text: string): string[] {
  return text.split(',').filter((part) => part !== '')
}
