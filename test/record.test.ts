import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readRecords } from '../src/build/record/record.ts'
import { explainer } from '../src/diagnosis/explain.ts'
import { type Explanation, explanationSchema } from '../src/diagnosis/explanation.ts'
import { indexSigns } from '../src/diagnosis/match.ts'
import { loadRunbooks } from '../src/diagnosis/runbooks.ts'
import { judgeLab, readVocabulary } from './score/lab.ts'

/** Every build record of the lab against what really happened, and against what the log of the same build tells. */
const folder = new URL('fixtures/lab/', import.meta.url)
const truthSchema = z.object({
  log: z.string(),
  gha_log: z.string().optional(),
  cause: z.string(),
  outcome: z.enum(['success', 'failure']),
  failed_step: z.string().nullish(),
  steps: z.array(z.object({ name: z.string(), status: z.string(), seconds: z.number().nullish() })),
  cache_imports: z.array(z.object({ ref: z.string(), result: z.string(), error: z.string().optional() })),
  cache_exports: z.array(z.object({ step: z.string(), result: z.string(), error: z.string().optional() })),
})
type Truth = z.infer<typeof truthSchema>

const signs = indexSigns(await loadRunbooks([fileURLToPath(new URL('../runbooks', import.meta.url))]))
const accept = readVocabulary(readFileSync(new URL('fixtures/lab-vocabulary.json', import.meta.url), 'utf8'))
const names = readdirSync(folder).filter((name) => name.endsWith('.dockerbuild'))

async function explainRecord(name: string): Promise<Explanation> {
  const bytes = readFileSync(new URL(name, folder))
  const explaining = explainer(signs)
  explaining.tell(await readRecords(bytes), bytes.length)
  return explaining.end({ kind: 'file', name })
}

function explainLog(name: string): Explanation {
  const explaining = explainer(signs)
  explaining.feed(readFileSync(new URL(name, folder)))
  return explaining.end({ kind: 'file', name })
}

/** The log of the job around the build, with its record. */
async function explainBoth(log: string, record: string): Promise<{ explanation: Explanation; strangers: number }> {
  const explaining = explainer(signs)
  explaining.feed(readFileSync(new URL(log, folder)))
  const strangers = explaining.join(await readRecords(readFileSync(new URL(record, folder)))).length
  return { explanation: explaining.end({ kind: 'file', name: log }), strangers }
}

const cases = await Promise.all(
  names.map(async (name) => {
    const truth = truthSchema.parse(
      JSON.parse(readFileSync(new URL(name.replace('.dockerbuild', '.json'), folder), 'utf8')),
    )
    return { name, truth, told: await explainRecord(name), log: explainLog(truth.log) }
  }),
)

const isDockerfileStep = (name: string) => /^\[[^\]]*\d+\/\d+\] /.test(name)
const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)

function wantedSteps({ steps }: Truth) {
  return steps
    .filter(({ name, status }) => status !== 'not-started' && isDockerfileStep(name))
    .map(({ name, status }) => ({ name, status }))
    .sort(byName)
}

test('there are records to read', () => {
  expect(names.length).toBeGreaterThanOrEqual(42)
  expect(names.every((name) => existsSync(new URL(name.replace('.dockerbuild', '.json'), folder)))).toBe(true)
})

describe.each(cases)('$name', ({ name, truth, told, log }) => {
  const [build] = told.builds

  test('is told in the public contract, as a record', () => {
    expect(explanationSchema.parse(told)).toEqual(told)
    expect(told.builds.map(({ from }) => from)).toEqual(['record'])
    expect(told.docker).toBe(true)
  })

  test('ends as the build ended, at the step that failed', () => {
    expect(told.outcome).toBe(truth.outcome === 'failure' ? 'failed' : 'succeeded')
    if (truth.failed_step) expect(told.diagnosis?.step?.name).toBe(truth.failed_step)
  })

  test('has every step with its status, and counts them', () => {
    const wanted = wantedSteps(truth)
    expect(build?.steps.map(({ name, status }) => ({ name, status })).sort(byName)).toEqual(wanted)
    expect(build?.cached).toBe(wanted.filter(({ status }) => status === 'cached').length)
    const isFrom = (name: string) => /^\[[^\]]*\] FROM\b/.test(name)
    expect(build?.executed).toBe(
      wanted.filter(({ name, status }) => /executed|failed|canceled/.test(status) && !isFrom(name)).length,
    )
  })

  test('knows how long each step took, to the millisecond', () => {
    const truly = new Map(truth.steps.map((step) => [step.name, step.seconds]))
    const shown = new Map(log.builds.flatMap(({ steps }) => steps).map((step) => [step.name, step.seconds]))
    for (const { name, status, seconds } of build?.steps ?? []) {
      if (status !== 'executed') continue
      expect(seconds, name).toBe(Math.round((seconds ?? Number.NaN) * 1000) / 1000)
      // of a step that worked several times the lab noted the last
      if (!/^\[[^\]]*\] FROM\b/.test(name))
        expect(Math.abs((seconds ?? 0) - (truly.get(name) ?? 0)), name).toBeLessThan(0.01)
      expect(Math.abs((seconds ?? 0) - (shown.get(name) ?? 0)), name).toBeLessThan(0.11)
    }
  })

  test('has every cache import and export with its result', () => {
    expect(build?.imports.map(({ ref, ok }) => ({ ref, ok }))).toEqual(
      truth.cache_imports.map(({ ref, result }) => ({ ref, ok: result === 'ok' })),
    )
    expect(build?.exports.map(({ ok }) => ok)).toEqual(truth.cache_exports.map(({ result }) => result === 'ok'))
    const errors = [...truth.cache_imports, ...truth.cache_exports].map(({ error }) => error)
    const transfers = [...(build?.imports ?? []), ...(build?.exports ?? [])]
    for (const [index, { error }] of transfers.entries()) if (errors[index]) expect(error).toBe(errors[index])
  })

  test('has the cause that the lab gave it, or that the log leads to', () => {
    const verdictOf = (explanation: Explanation) =>
      judgeLab({ log: name, bytes: new Uint8Array(), cause: truth.cause }, explanation, accept).verdict
    expect(['right', verdictOf(log)]).toContain(verdictOf(told))
  })

  test('leads to the diagnosis of its log', () => {
    expect(gist(told)).toEqual(gist(log))
  })

  test('corrects the log of its job, and changes nothing else', async () => {
    const alone = explainLog(truth.gha_log ?? truth.log)
    const { explanation, strangers } = await explainBoth(truth.gha_log ?? truth.log, name)
    expect(strangers).toBe(0)
    expect(gist(explanation)).toEqual(gist(alone))
    expect(explanation.diagnosis?.evidence).toEqual(alone.diagnosis?.evidence)
    const [joined] = explanation.builds
    expect(joined?.from).toBe('record')
    expect(joined?.steps.map(({ name, status }) => ({ name, status })).sort(byName)).toEqual(wantedSteps(truth))
    const exact = new Map(build?.steps.map(({ name, seconds }) => [name, seconds]))
    for (const { name, seconds } of joined?.steps ?? []) expect(seconds, name).toBe(exact.get(name))
    expect([joined?.imports, joined?.exports]).toEqual([build?.imports, build?.exports])
  })
})

function gist({ diagnosis, others }: Explanation) {
  return {
    id: diagnosis?.id,
    summary: diagnosis?.summary,
    step: diagnosis?.step?.name,
    // of a step that merely missed its cache only a record knows the line
    line: diagnosis?.family === 'cache-miss' ? null : diagnosis?.step?.dockerfileLine,
    confidence: diagnosis?.confidence,
    others: others.map(({ id }) => id).sort(),
  }
}

test('a record of another build fits none in the log', async () => {
  const { explanation, strangers } = await explainBoth('run-tsc-error.gha.log', 'cargo-locked-mismatch.dockerbuild')
  expect(strangers).toBe(1)
  expect(explanation.builds.map(({ from }) => from)).toEqual(['log'])
})
