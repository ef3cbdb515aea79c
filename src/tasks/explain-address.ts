import { runLinks } from '../alert/from-text.ts'
import type { RedactOptions } from '../build/redact-log.ts'
import type { Explanation } from '../diagnosis/explanation.ts'
import type { SignIndex } from '../diagnosis/match.ts'
import { type GithubConfig, githubClient } from '../github/client.ts'
import { GithubFault } from '../github/fault.ts'
import { githubRuns } from '../github/runs.ts'
import { evidenceHands } from './evidence/hands.ts'
import { attemptOf, readRun } from './read-run.ts'

/** `unreadable` says in words why there is no explanation. */
export type AddressRead = Explanation | { unreadable: string }

/**
 * Explains the run or job at an address of GitHub, for the terminal. Of a run with several failed jobs it is the one
 * that says most; the others are named in `missing` so that they can be asked for.
 */
export async function explainAddress(
  address: string,
  signs: SignIndex,
  github: GithubConfig | null,
  redaction: RedactOptions = {},
): Promise<AddressRead> {
  if (github === null)
    return { unreadable: `${address}: reading logs from GitHub needs a token that may read Actions; set GITHUB_TOKEN` }
  const [link] = runLinks(address, github.baseUrl)
  if (!link)
    return {
      unreadable: `${address}: not the address of a run or job, e.g. https://github.com/acme/web/actions/runs/123456789`,
    }
  const client = githubClient(github)
  const runs = githubRuns(client)
  try {
    const run = await attemptOf(runs, link)
    const { jobs, lead, missing } = await readRun(
      { runs, hands: evidenceHands(client), signs, now: () => new Date(), redaction },
      { ...run, jobId: link.jobId },
    )
    const explanation = lead === null ? null : jobs[lead]?.explanation
    if (!explanation) return { unreadable: `${address}: ${missing[0] ?? 'none of its jobs has run'}` }
    const others = jobs.filter((_, index) => index !== lead).map((job) => `job ${job.name} failed too: ${job.url}`)
    return { ...explanation, missing: [...missing, ...others] }
  } catch (error) {
    if (error instanceof GithubFault) return { unreadable: error.message }
    throw error
  }
}
