import type { Build } from './build/build.ts'
import type { Evidence } from './cache/evidence.ts'

/** What the options of `layerwise debug` say beside the log, by file names. */
export type EvidenceOptions = {
  dockerfile?: string
  previousDockerfile?: string
  dockerignore?: string
  changedFiles?: string
  context?: string
  workflow?: string
}

export type GivenEvidence = { evidence: Evidence; problems: string[] } | { unreadable: string }

/** Evidence from files. What reads them is loaded only when one is named: a short call starts in a moment. */
export async function givenEvidence(options: EvidenceOptions, previous: Build[] | null): Promise<GivenEvidence> {
  const { dockerfile, previousDockerfile, dockerignore, changedFiles, context, workflow } = options
  const named = [dockerfile, previousDockerfile, dockerignore, changedFiles, context, workflow]
  if (named.every((option) => option === undefined))
    return { evidence: { previous, changed: null, sourcesOf: () => null }, problems: [] }
  const { readGivenEvidence } = await import('./cli-sources.ts')
  return readGivenEvidence(options, previous)
}
