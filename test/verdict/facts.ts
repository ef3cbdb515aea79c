import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BuildSummary, Cause } from '../../src/diagnosis/explanation.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import type { JobDiagnosis } from '../../src/diagnosis/run-diagnosis.ts'
import type { Check } from '../../src/diagnosis/runbook-check.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import type { Before, Checklist, Item } from '../../src/verdict/checklist.ts'
import type { Facts } from '../../src/verdict/facts.ts'
import { openChecklist } from '../../src/verdict/walk.ts'
import { explainCase, type MissTruth } from '../score/miss.ts'

/** What the next build tells: of the lab's logs as they are explained, or made up where no log of the lab shows it. */

export const catalogue = await loadRunbooks([ownRunbooks])
const signs = indexSigns(catalogue)
const lab = fileURLToPath(new URL('../fixtures/lab', import.meta.url))

/** A run with one job, whose log is this build of the lab. */
export async function labFacts(id: string): Promise<Facts> {
  const truth: MissTruth & { exit_code: number } = JSON.parse(readFileSync(`${lab}/${id}.json`, 'utf8'))
  const explanation = await explainCase(lab, truth, signs)
  const conclusion = truth.exit_code === 0 ? 'success' : 'failure'
  const job: JobDiagnosis = { id: 1, name: 'build', url: 'https://example.com/job/1', conclusion, explanation }
  return factsOf({ conclusion, jobs: [job] })
}

type Known = Partial<Facts['run']> & { jobs?: JobDiagnosis[]; after?: Partial<Facts['after']> }

export function factsOf({ jobs = [], after, ...run }: Known = {}): Facts {
  return {
    run: {
      runId: 20,
      attempt: 1,
      url: 'https://example.com/run/20',
      sha: 'a'.repeat(40),
      conclusion: 'success',
      startedAt: '2026-03-01T12:00:00Z',
      seconds: 200,
      ...run,
    },
    jobs,
    after: {
      fingerprint: 'no-log',
      causeId: jobs[0]?.explanation?.diagnosis?.id ?? null,
      ...after,
    },
  }
}

type Step = { name: string; status?: BuildSummary['steps'][number]['status']; seconds?: number | null }
type Miss = BuildSummary['firstMisses'][number]

export function jobOf(
  builds: { steps: Step[]; misses?: Partial<Miss>[] }[],
  { diagnosis = null, ...job }: Partial<JobDiagnosis> & { diagnosis?: Cause | null } = {},
): JobDiagnosis {
  return {
    id: 1,
    name: 'build',
    url: 'https://example.com/job/1',
    conclusion: 'success',
    explanation: {
      version: 1,
      source: { kind: 'github', name: 'job', bytes: 1, lines: 1, truncated: false },
      outcome: 'succeeded',
      docker: true,
      diagnosis,
      others: [],
      builds: builds.map(buildOf),
      missing: [],
    },
    ...job,
  }
}

function buildOf({ steps, misses = [] }: { steps: Step[]; misses?: Partial<Miss>[] }): BuildSummary {
  const told = steps.map(({ name, status = 'cached', seconds = null }, index) => ({
    ...{ vertex: `#${index + 1}`, name, status, seconds },
    stage: /^\[(?:linux\/\w+ )?([a-z]+) /.exec(name)?.[1] ?? null,
    platform: /linux\/\w+/.exec(name)?.[0] ?? null,
  }))
  const cached = told.filter(({ status }) => status === 'cached').length
  return {
    ...{ builder: 'buildkit', from: 'log', target: null, steps: told },
    ...{ cached, executed: told.length - cached, hitRate: null, imports: [], exports: [], fixes: [] },
    firstMisses: misses.map((miss) => ({
      stage: 'deps',
      step: '[deps 3/4] COPY . .',
      reason: 'file-changed',
      files: [],
      detail: 'some detail',
      expected: true,
      secondsLost: null,
      certainty: 'high',
      ...miss,
    })),
  }
}

export function causeOf(over: Partial<Cause> = {}): Cause {
  return {
    id: 'disk-full-builder',
    family: 'disk',
    title: 'The disk of the builder is full',
    summary: 'full',
    confidence: 0.9,
    severity: 'fatal',
    transient: 'no',
    step: null,
    evidence: [],
    fix: [],
    remedies: [],
    runbook: { file: 'runbooks/disk.md', anchor: 'x' },
    ...over,
  }
}

export function check(name: Check['name'], over: Partial<Check> = {}): Check {
  const minutes = name === 'build-time' ? 10 : null
  return { name, minutes, steps: name === 'steps-cached' ? 'dependencies' : null, ...over }
}

export function item(over: Partial<Item> = {}): Item {
  return { text: 'look', check: null, state: 'waiting', by: null, at: null, evidence: null, reason: null, ...over }
}

export const before: Before = {
  runId: 10,
  attempt: 1,
  sha: 'a'.repeat(40),
  fingerprint: 'disk-full-builder:1',
  causeId: 'disk-full-builder',
  confidence: 0.9,
  transient: 'no',
  seconds: 100,
  greenSeconds: 320,
}

/** After a rebuild, waiting for run 20. */
export function checklist(over: Partial<Checklist> = {}): Checklist {
  const opened = openChecklist({
    ...{ id: 'c1', channel: 'C1', parentTag: 'story', threadTs: null, storyId: 's1', requestId: 'r1' },
    operation: 'rebuild',
    ...{ repository: 'acme/shop', workflow: 'ci', branch: 'main', awaits: { runId: 20, attempt: 1 }, before },
    page: 'runbooks/disk.md',
    items: [item({ check: check('job-passes') }), item(), item({ check: check('build-time') })],
    openedAt: '2026-03-01T11:59:00.000Z',
  })
  return { ...opened, ...over }
}
