import type { Build } from './build/build.ts'
import type { EvidenceOptions, GivenEvidence } from './cli-sources.ts'

/** Evidence from files. What reads them is loaded only when one is named: a short call starts in a moment. */
export async function givenEvidence(options: EvidenceOptions, previous: Build[] | null): Promise<GivenEvidence> {
  const { dockerfile, previousDockerfile, dockerignore, changedFiles, context, workflow } = options
  const named = [dockerfile, previousDockerfile, dockerignore, changedFiles, context, workflow]
  if (named.every((option) => option === undefined))
    return { evidence: { previous, changed: null, sourcesOf: () => null }, problems: [] }
  const { readGivenEvidence } = await import('./cli-sources.ts')
  return readGivenEvidence(options, previous)
}
