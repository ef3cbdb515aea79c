import { type Budget, limits, RecordBroken, wholeBudget } from '../build/record/limits.ts'
import { type BuildRecord, gatherRecord } from '../build/record/record.ts'
import { mayHold, type RecordArtifact } from '../github/artifacts.ts'
import { GithubFault } from '../github/fault.ts'
import type { Job, Runs } from '../github/runs.ts'
import { FileBroken } from '../github/stored-file.ts'

/**
 * The build records that the jobs of one run uploaded. GitHub is asked when a log names a build that may have one, or
 * when a log is lost; the list once, each record once. A record is better than a log, but never worth a failed
 * diagnosis: whatever keeps us from it is said, not thrown.
 */
export type RunRecords = {
  /** Of the builds that a log names, in that order. */
  ofBuilds(references: string[]): Promise<FoundRecords>
  /** Of a job whose log is lost: what was built while it, and no other job of the attempt, was running. */
  ofJob(job: Job, others: Job[]): Promise<FoundRecords>
}

export type FoundRecords = {
  records: BuildRecord[]
  /** of the files that were read */
  bytes: number
  troubles: Trouble[]
}

/** `log`: the log does as well, and the reader of a whole log need not hear of it. */
export type Trouble = { because: string; instead: 'log' | 'nothing' }

const recordsRead = 20

export function runRecords(runs: Runs, { repository, runId }: { repository: string; runId: number }): RunRecords {
  let listed: Promise<Listed> | null = null
  const read = new Map<number, Promise<FoundRecords>>()
  // one for all: what many jobs uploaded is kept until the run is told
  const budget = wholeBudget()

  function readOnce(artifact: RecordArtifact): Promise<FoundRecords> {
    const known = read.get(artifact.id)
    if (known) return known
    const tooMany = trouble(`build record ${artifact.name}: only the first ${recordsRead} of a run are read`, 'log')
    const reading = read.size < recordsRead ? readRecord(runs, repository, artifact, budget) : Promise.resolve(tooMany)
    read.set(artifact.id, reading)
    return reading
  }

  async function readAll(wanted: (artifact: RecordArtifact) => boolean): Promise<FoundRecords> {
    listed ??= listRecords(runs, repository, runId)
    const { artifacts, troubles } = await listed
    const all: FoundRecords = { records: [], bytes: 0, troubles: [...troubles] }
    for (const artifact of artifacts.filter(wanted)) {
      const found = await readOnce(artifact)
      all.records.push(...found.records)
      all.troubles.push(...found.troubles)
      all.bytes += found.bytes
    }
    return all
  }

  return {
    async ofBuilds(references) {
      if (references.length === 0) return nothing
      const found = await readAll((artifact) => references.some((reference) => mayHold(artifact, reference)))
      const place = ({ facts }: BuildRecord) => references.indexOf(facts.ref)
      const own = found.records.filter((record) => place(record) >= 0)
      return { ...found, records: own.toSorted((a, b) => place(a) - place(b)) }
    },
    async ofJob(job, others) {
      const [from, until] = span(job)
      const found = await readAll(({ createdAt }) => {
        const at = Date.parse(createdAt ?? '')
        return at >= from && at <= until + uploadMs
      })
      const builtIn = ({ facts }: BuildRecord, of: Job) => {
        const [from, until] = span(of)
        const at = Date.parse(facts.startedAt ?? '')
        return at >= from && at <= until
      }
      const own = found.records.filter(
        (record) => builtIn(record, job) && !others.some((other) => other.id !== job.id && builtIn(record, other)),
      )
      return { ...found, records: own }
    },
  }
}

const nothing: FoundRecords = { records: [], bytes: 0, troubles: [] }

/** Until an artifact is stored after its job's last word, and how far the clocks of runner and GitHub may differ. */
const uploadMs = 120_000
const skewMs = 5_000

function span({ startedAt, completedAt }: Job): [number, number] {
  return [
    Date.parse(startedAt ?? '') - skewMs,
    completedAt === null ? Number.POSITIVE_INFINITY : Date.parse(completedAt) + skewMs,
  ]
}

type Listed = { artifacts: RecordArtifact[]; troubles: Trouble[] }

async function listRecords(runs: Runs, repository: string, runId: number): Promise<Listed> {
  try {
    const artifacts = await runs.records(repository, runId)
    return { artifacts: artifacts.toSorted((a, b) => a.id - b.id), troubles: [] }
  } catch (error) {
    if (!(error instanceof GithubFault)) throw error
    return { artifacts: [], troubles: [{ because: `the build records: ${error.message}`, instead: 'log' }] }
  }
}

async function readRecord(
  runs: Runs,
  repository: string,
  artifact: RecordArtifact,
  budget: Budget,
): Promise<FoundRecords> {
  const name = `build record ${artifact.name}`
  if (artifact.expired) return trouble(`${name}: it expired`, 'log')
  if (artifact.bytes > limits.file)
    return trouble(`${name}: it is larger than ${limits.file >> 20} MB, which no build record is`, 'nothing')
  try {
    const file = await runs.openRecord(repository, artifact)
    if (file.kind === 'missing') return trouble(`${name}: ${file.because}`, 'log')
    const { feed, end } = gatherRecord(budget)
    for await (const chunk of file.body) feed(chunk)
    return { ...(await end()), troubles: [] }
  } catch (error) {
    if (error instanceof RecordBroken) return trouble(`cannot read ${name}: ${error.message}`, 'nothing')
    if (error instanceof FileBroken || error instanceof GithubFault) return trouble(`${name}: ${error.message}`, 'log')
    throw error
  }
}

function trouble(because: string, instead: Trouble['instead']): FoundRecords {
  return { ...nothing, troubles: [{ because, instead }] }
}
