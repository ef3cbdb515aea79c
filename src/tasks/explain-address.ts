import type { Run } from '../alert/from-run.ts'
import { runLinks } from '../alert/from-text.ts'
import { readTarget } from '../alert/target.ts'
import type { RedactOptions } from '../build/redact-log.ts'
import type { Explanation } from '../diagnosis/explanation.ts'
import type { SignIndex } from '../diagnosis/match.ts'
import type { JobDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { type GithubConfig, githubClient } from '../github/client.ts'
import { GithubFault } from '../github/fault.ts'
import { githubPulls } from '../github/pulls.ts'
import { githubRuns, type Runs } from '../github/runs.ts'
import { evidenceHands } from './evidence/hands.ts'
import { type Finding, findTarget } from './find-target.ts'
import { attemptOf, readRun } from './read-run.ts'

/** `unreadable` says in words why there is no explanation. */
export type AddressRead = Explanation | { unreadable: string }

/**
 * Explains the run or job at an address of GitHub, or the latest of a repository, branch, commit or pull request, for
 * the terminal. Of a run with several failed jobs it is the one that says most; the others are named in `missing` so
 * that they can be asked for.
 */
export async function explainAddress(
  address: string,
  signs: SignIndex,
  github: GithubConfig | null,
  redaction: RedactOptions = {},
): Promise<AddressRead> {
  if (github === null)
    return { unreadable: `${address}: reading logs from GitHub needs a token that may read Actions; set GITHUB_TOKEN` }
  const client = githubClient(github)
  const runs = githubRuns(client)
  const world = { runs, ...githubPulls(client), isWatched: () => true }
  try {
    const found = await runAt(world, address, github.baseUrl)
    if ('unreadable' in found) return found
    const { run, jobId, notes } = found
    const { jobs, lead, missing } = await readRun(
      { runs, hands: evidenceHands(client), signs, now: () => new Date(), redaction },
      { ...run, jobId },
    )
    const explanation = lead === null ? null : jobs[lead]?.explanation
    if (!explanation) return { unreadable: `${address}: ${missing[0] ?? 'none of its jobs has run'}` }
    const others = jobs.filter((_, index) => index !== lead).map(otherJob)
    return { ...explanation, missing: [...missing, ...notes, ...others] }
  } catch (error) {
    if (error instanceof GithubFault) return { unreadable: error.message }
    throw error
  }
}

type RunFound = { run: Run; jobId: number | null; notes: string[] } | { unreadable: string }

async function runAt(world: Finding & { runs: Runs }, address: string, baseUrl: string): Promise<RunFound> {
  const [link] = runLinks(address, baseUrl)
  if (link) return { run: await attemptOf(world.runs, link), jobId: link.jobId, notes: [] }
  const target = readTarget(address, baseUrl)
  if (target === null || target.repository === null) return { unreadable: `${address}: ${whatAnAddressIs}` }
  const found = await findTarget(world, target)
  if (found.kind === 'nothing') return { unreadable: `${address}: ${found.because}` }
  return { ...found, jobId: null }
}

const whatAnAddressIs =
  'not the address of a run, job, pull request or repository, e.g. https://github.com/acme/web/actions/runs/123456789'

function otherJob({ name, url, conclusion }: JobDiagnosis): string {
  return conclusion === 'success' ? `job ${name} is told at ${url}` : `job ${name} failed too: ${url}`
}
