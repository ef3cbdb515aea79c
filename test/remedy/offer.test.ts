import { beforeAll, describe, expect, test } from 'vitest'
import type { BuildSummary, Cause } from '../../src/diagnosis/explanation.ts'
import { diagnoseRun, type JobDiagnosis } from '../../src/diagnosis/run-diagnosis.ts'
import type { Row } from '../../src/diagnosis/runbook-row.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { type OfferFacts, offersFor } from '../../src/remedy/offer.ts'
import { meaningSchema } from '../../src/remedy/press.ts'
import { remedies } from '../../src/remedy/remedy.ts'
import { diskFull, explanation } from '../thread/examples.ts'

let rows: Row[]
beforeAll(async () => {
  rows = [...(await loadRunbooks([ownRunbooks])).rows.values()]
})

const builder = { name: 'ci', url: 'unix:///var/run/docker.sock', certificates: null, repository: 'acme/web' }
const transfer = { ok: true, error: null }

/** The cause as its row has it, in one failed job whose build uses these caches. */
function facts(id: string, over: Partial<OfferFacts & { builds: Partial<BuildSummary>[] }> = {}): OfferFacts {
  const { builds = [], ...rest } = over
  return { diagnosis: diagnoseRun([job(1, causeOf(id), builds)], []), branch: 'main', builders: [], ...rest }
}

function causeOf(id: string): Cause {
  const row = rows.find((one) => one.id === id)
  if (!row) throw new Error(`no row ${id}`)
  return { ...diskFull, id, family: row.family, severity: row.severity, remedies: row.remedies }
}

function job(id: number, cause: Cause, builds: Partial<BuildSummary>[] = [], name = `build (${id})`): JobDiagnosis {
  const [first] = explanation.builds
  if (!first) throw new Error('the example has a build')
  const all = builds.map((build) => ({ ...first, imports: [], exports: [], ...build }))
  return {
    id,
    name,
    url: 'https://x',
    conclusion: 'failure',
    explanation: { ...explanation, diagnosis: cause, builds: all },
  }
}

function labels(given: OfferFacts): string[] {
  return offersFor(given).map(({ label }) => label)
}

describe('only what helps is offered', () => {
  test('of every row of our runbooks, wherever the build kept its cache', () => {
    const builds = [
      { imports: [{ type: 'gha' as const, ref: '1', ...transfer }] },
      { imports: [{ type: 'registry' as const, ref: 'ghcr.io/acme/web:cache', ...transfer }] },
    ]
    for (const { id, remedies: told } of rows) {
      const helps = told.filter(({ verdict }) => verdict === 'helps').map(({ kind }) => kind)
      const offered = offersFor(facts(id, { builds, builders: [builder] }))
      expect(offered.filter(({ kind }) => !helps.includes(kind)).map(({ label }) => `${id}: ${label}`)).toEqual([])
    }
    expect(rows.length).toBeGreaterThan(50)
  })

  test('nothing without a cause', () => {
    const nothing = { ...job(1, diskFull), explanation: null }
    expect(offersFor({ diagnosis: diagnoseRun([nothing], []), branch: 'main', builders: [builder] })).toEqual([])
    expect(offersFor({ diagnosis: diagnoseRun([], []), branch: 'main', builders: [builder] })).toEqual([])
  })

  test('no re-run of a job that passed', () => {
    const passed = { ...job(1, causeOf('registry-network-flake')), conclusion: 'success' }
    expect(offersFor({ diagnosis: diagnoseRun([passed], []), branch: 'main', builders: [] })).toEqual([])
  })
})

describe('each offer', () => {
  test('has a label that a button can hold, says why, and means what can be stored under a button', () => {
    for (const { id } of rows) {
      const offered = offersFor(
        facts(id, { builds: [{ exports: [{ type: 'gha', ref: '', ...transfer }] }], builders: [builder] }),
      )
      for (const each of offered) {
        expect(each.label.length).toBeLessThanOrEqual(75)
        expect(each.label).toMatch(/^(Re-run|Rebuild|Prune) /)
        expect(each.why).not.toBe('')
        expect(each).toMatchObject({
          kind: remedies[each.offered.operation].kind,
          class: remedies[each.offered.operation].class,
        })
        const meaning = { do: 'ask', storyId: 's', runId: 1, attempt: 1, offer: each.offered }
        expect(meaningSchema.safeParse(meaning).success).toBe(true)
      }
      expect(new Set(offered.map(({ offered: one }) => JSON.stringify(one))).size).toBe(offered.length)
      expect(offered.filter(({ style }) => style === 'primary').length).toBeLessThanOrEqual(1)
      expect(offered.filter(({ class: costs, style }) => costs === 'destructive' && style !== 'danger')).toEqual([])
    }
  })

  test('is cut where a job has a long name, and not within a character', () => {
    const jobs = [
      job(1, causeOf('registry-network-flake'), [], `${'x'.repeat(62)}🐳${'y'.repeat(80)}`),
      job(2, { ...diskFull, confidence: 0.1 }),
    ]
    const [, only] = labels({ diagnosis: diagnoseRun(jobs, []), branch: 'main', builders: [] })
    expect(only).toMatch(/^Re-run only x{62}/)
    expect(only).toHaveLength(75)
    expect(only?.isWellFormed()).toBe(true)
  })
})

describe('a re-run', () => {
  const id = 'registry-network-flake'

  test('is offered plainly, and with debug logging behind the rest', () => {
    expect(labels(facts(id))).toEqual(['Re-run failed job', 'Re-run with debug logging'])
    expect(offersFor(facts(id))[0]?.style).toBe('primary')
  })

  test('of all that failed for one cause', () => {
    const diagnosis = diagnoseRun([job(1, causeOf(id)), job(2, causeOf(id))], [])
    expect(labels({ diagnosis, branch: 'main', builders: [] })).toEqual([
      'Re-run 2 failed jobs',
      'Re-run with debug logging',
    ])
  })

  test('of the one job alone, when others failed for other causes', () => {
    const diagnosis = diagnoseRun([job(1, causeOf(id)), job(2, { ...diskFull, confidence: 0.1 })], [])
    const offered = offersFor({ diagnosis, branch: 'main', builders: [] })
    expect(offered.map(({ offered: one }) => one)).toContainEqual({
      ...{ operation: 'rerun-job', jobId: 1, jobName: 'build (1)', debug: false },
    })
  })
})

describe('a rebuild', () => {
  test('is offered on a branch of the repository itself, and not of a fork', () => {
    expect(labels(facts('cache-stale-hit'))).toContain('Rebuild without cache')
    expect(labels(facts('cache-stale-hit', { branch: 'stranger:main' }))).not.toContain('Rebuild without cache')
    expect(labels(facts('cache-stale-hit', { branch: null }))).not.toContain('Rebuild without cache')
  })
})

describe('a prune goes where the fault is', () => {
  const gha = [{ imports: [{ type: 'gha' as const, ref: '42', ...transfer }] }]
  const registry = (ref: string) => [{ imports: [{ type: 'registry' as const, ref, ...transfer }] }]
  const prunes = (given: OfferFacts) =>
    offersFor(given).flatMap(({ kind, offered }) => (kind === 'prune' ? [offered] : []))

  test('a full disk: the builders of this repository, and nothing where none is known, as a hosted runner is thrown away', () => {
    expect(prunes(facts('disk-full-builder', { builds: gha }))).toEqual([])
    expect(prunes(facts('disk-full-builder', { builds: gha, builders: [builder] }))).toEqual([
      { operation: 'prune-builder', builder: 'ci' },
    ])
  })

  test('a bad layer in the Actions cache: the index of this branch', () => {
    expect(prunes(facts('gha-cache-blob-missing', { builds: gha, builders: [builder] }))).toEqual([
      { operation: 'prune-caches', ref: 'refs/heads/main', closedPulls: false, kind: 'index' },
    ])
    expect(prunes(facts('gha-cache-blob-missing', { builds: gha, branch: 'stranger:main' }))).toEqual([])
    // the cause is one of that cache, whatever the log shows of the build
    expect(prunes(facts('gha-cache-blob-missing', { builds: [] }))).toHaveLength(1)
  })

  test('a stale layer: the index of this branch, if the build uses the Actions cache', () => {
    expect(prunes(facts('cache-stale-hit', { builds: gha }))).toMatchObject([
      { operation: 'prune-caches', kind: 'index' },
    ])
    expect(prunes(facts('cache-stale-hit', { builds: [] }))).toEqual([])
  })

  test('a bad layer in a registry cache: its tag at ghcr.io, each once', () => {
    const builds = [...registry('ghcr.io/acme/web:cache'), ...registry('ghcr.io/acme/web:cache')]
    expect(prunes(facts('cache-stale-hit', { builds }))).toEqual([
      { operation: 'prune-tags', image: 'ghcr.io/acme/web', tags: ['cache'] },
    ])
  })

  test.each(['docker.io/acme/web:cache', 'ghcr.io/acme/web@sha256:0a', 'ghcr.io/acme/web', 'evil.test/ghcr.io/a/b:c'])(
    'not at %s',
    (ref) => {
      expect(prunes(facts('cache-stale-hit', { builds: registry(ref) }))).toEqual([])
    },
  )

  test('an evicted cache: those of closed pull requests', () => {
    expect(prunes(facts('gha-cache-evicted', { builds: gha }))).toEqual([
      { operation: 'prune-caches', ref: null, closedPulls: true, kind: 'buildkit' },
    ])
  })

  test('a directory that grew: none of ours, a person has to', () => {
    expect(prunes(facts('local-cache-grows', { builds: gha, builders: [builder] }))).toEqual([])
  })
})
