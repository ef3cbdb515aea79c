import { z } from 'zod'
import type { RecordFacts } from '../build.ts'
import { readJson } from './layout.ts'

/** What the SLSA provenance in a record tells: where each vertex stands in the Dockerfile, and what it was made from. */
export type Provenance = {
  /** the Dockerfile as BuildKit read it */
  dockerfile: string | null
  /** vertex digest → line, from 1 */
  lines: Map<string, number>
  sources: RecordFacts['sources']
}

export function readProvenance(bytes: Uint8Array): Provenance {
  const { config, metadata, materials } = readJson(bytes, provenanceSchema, 'its provenance')
  const [info] = metadata?.source?.infos ?? []
  const locations = metadata?.source?.locations ?? {}
  const lines = new Map<string, number>()
  for (const [digest, step] of Object.entries(config?.digestMapping ?? {})) {
    // of an instruction that stands in several stages, the first: by that stage BuildKit calls it
    const found = (locations[step]?.locations ?? []).flatMap(({ ranges }) => ranges?.[0]?.start?.line ?? [])
    if (found.length > 0) lines.set(digest, Math.min(...found.slice(0, 100)))
  }
  return {
    dockerfile: info?.data ? Buffer.from(info.data, 'base64').toString('utf8') : null,
    lines,
    sources: materials.map(({ uri, digest }) => ({
      uri,
      digest: Object.entries(digest ?? {}).map(([kind, hex]) => `${kind}:${hex}`)[0] ?? null,
    })),
  }
}

const materialSchema = z.object({ uri: z.string(), digest: z.record(z.string(), z.string()).nullish() })
const configSchema = z.object({ digestMapping: z.record(z.string(), z.string()).nullish() }).nullish()
const metadataSchema = z
  .object({
    source: z
      .object({
        locations: z
          .record(
            z.string(),
            z.object({
              locations: z
                .array(
                  z.object({
                    ranges: z.array(z.object({ start: z.object({ line: z.int().optional() }).optional() })).nullish(),
                  }),
                )
                .nullish(),
            }),
          )
          .nullish(),
        infos: z.array(z.object({ data: z.string().nullish() })).nullish(),
      })
      .nullish(),
  })
  .nullish()

/** SLSA v0.2, and v1 since BuildKit v0.23 may write it: the same of BuildKit's own data under other names. */
const older = z
  .object({
    materials: z.array(materialSchema).nullish(),
    buildConfig: configSchema,
    metadata: z.object({ 'https://mobyproject.org/buildkit@v1#metadata': metadataSchema }).nullish(),
  })
  .transform(({ materials, buildConfig, metadata }) => ({
    materials: materials ?? [],
    config: buildConfig,
    metadata: metadata?.['https://mobyproject.org/buildkit@v1#metadata'],
  }))
const newer = z
  .object({
    buildDefinition: z.object({
      resolvedDependencies: z.array(materialSchema).nullish(),
      internalParameters: z.object({ buildConfig: configSchema }).nullish(),
    }),
    runDetails: z.object({ metadata: z.object({ buildkit_metadata: metadataSchema }).nullish() }).nullish(),
  })
  .transform(({ buildDefinition, runDetails }) => ({
    materials: buildDefinition.resolvedDependencies ?? [],
    config: buildDefinition.internalParameters?.buildConfig,
    metadata: runDetails?.metadata?.buildkit_metadata,
  }))
const provenanceSchema = z.union([newer, older])
