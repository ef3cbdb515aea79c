/** What somebody made our local GitHub do, oldest first. */
export type Deeds = {
  reruns: {
    repository: string
    runId: number /** null: all that failed */
    jobId: number | null
    debug: boolean
    by: string
  }[]
  dispatches: {
    repository: string
    /** file of the workflow: `.github/workflows/ci.yml` */
    workflow: string
    ref: string
    inputs: Record<string, unknown>
    runId: number
  }[]
  deletedCaches: { repository: string; id: number; key: string; ref: string }[]
  deletedVersions: { owner: string; name: string; id: number }[]
  /**
   * how a dispatch is answered: GitHub says which run it made; an old server says nothing (`silent`), or refuses to be
   * asked for it (`refuses`)
   */
  oldServer: false | 'silent' | 'refuses'
}

/** Whose token the API's is. */
export const botLogin = 'layerwise[bot]'

export function noDeeds(): Deeds {
  return { reruns: [], dispatches: [], deletedCaches: [], deletedVersions: [], oldServer: false }
}
