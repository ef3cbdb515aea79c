import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { explainer } from '../src/diagnosis/explain.ts'
import { type Explanation, explanationSchema } from '../src/diagnosis/explanation.ts'
import { indexSigns } from '../src/diagnosis/match.ts'
import { loadRunbooks } from '../src/diagnosis/runbooks.ts'

/** Every lab log against what BuildKit's own history record says of the very same build. */
const folder = new URL('fixtures/lab/', import.meta.url)
const truthSchema = z.object({
  id: z.string(),
  log: z.string(),
  gha_log: z.string().optional(),
  log_format: z.enum(['plain', 'classic', 'rawjson', 'tty', 'quiet']),
  cause: z.string(),
  outcome: z.enum(['success', 'failure']),
  steps: z.array(z.object({ name: z.string(), status: z.string() })),
  first_invalidated: z.array(z.object({ step: z.string() })),
  cache_imports: z.array(z.object({ ref: z.string(), result: z.string(), error: z.string().optional() })),
  cache_exports: z.array(z.object({ step: z.string(), result: z.string(), error: z.string().optional() })),
})
type Truth = z.infer<typeof truthSchema>

const truths = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => truthSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))
const cases = truths.flatMap((truth) => [truth.log, truth.gha_log ?? []].flat().map((log) => ({ log, truth })))
const signs = indexSigns(await loadRunbooks([fileURLToPath(new URL('../runbooks', import.meta.url))]))

function explain(log: string): Explanation {
  const explaining = explainer(signs)
  explaining.feed(readFileSync(new URL(log, folder)))
  return explaining.end({ kind: 'file', name: log })
}

test.each(readdirSync(folder).filter((name) => name.endsWith('.prev.log')))(
  '%s is told in the public contract',
  (name) => {
    const explanation = explain(name)
    expect(explanationSchema.parse(explanation)).toEqual(explanation)
    expect(explanation.outcome).toBe('succeeded')
  },
)

const isDockerfileStep = (name: string) => /^\[[^\]]*\d+\/\d+\] /.test(name)

/** Steps that the log can show: BuildKit's record also lists those that never started. */
function wantedSteps(truth: Truth): { name: string; status: string }[] {
  return truth.steps
    .filter(
      ({ name, status }) => status !== 'not-started' && (truth.log_format === 'classic' || isDockerfileStep(name)),
    )
    .map(({ name, status }) => ({ name, status }))
}

const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)

describe.each(cases)('$log', ({ log, truth }) => {
  const explanation = explain(log)
  const steps = explanation.builds.flatMap((build) => build.steps)

  test('is told in the public contract', () => {
    expect(() => explanationSchema.parse(explanation)).not.toThrow()
    expect(explanation.docker).toBe(true)
  })

  test('ends as the build ended', () => {
    expect(explanation.outcome).toBe(truth.outcome === 'failure' ? 'failed' : 'succeeded')
  })

  // --quiet prints no step at all
  test.skipIf(truth.log_format === 'quiet')('has every step with its status', () => {
    const wanted = wantedSteps(truth).sort(byName)
    // a terminal cuts long names off
    const seen = steps.map(({ name, status }) => ({
      name: truth.log_format === 'tty' ? (wanted.find((step) => step.name.startsWith(name))?.name ?? name) : name,
      status,
    }))
    expect(seen.sort(byName)).toEqual(wanted)
  })

  test.skipIf(truth.log_format === 'quiet')('counts its steps as the corpus does', () => {
    const wanted = wantedSteps(truth)
    const isFrom = (name: string) => /^(?:\[[^\]]*\] )?FROM\b/.test(name)
    expect(explanation.builds.reduce((sum, build) => sum + build.cached, 0)).toBe(
      wanted.filter((step) => step.status === 'cached').length,
    )
    expect(explanation.builds.reduce((sum, build) => sum + build.executed, 0)).toBe(
      wanted.filter((step) => ['executed', 'failed', 'canceled'].includes(step.status) && !isFrom(step.name)).length,
    )
  })

  test('has every cache import and export with its result', () => {
    const imports = explanation.builds.flatMap((build) => build.imports)
    const exports = explanation.builds.flatMap((build) => build.exports)
    expect(imports.map(({ ref, ok }) => ({ ref, ok }))).toEqual(
      truth.cache_imports.map(({ ref, result }) => ({ ref, ok: result === 'ok' })),
    )
    expect(exports.map(({ ok }) => ok)).toEqual(truth.cache_exports.map(({ result }) => result === 'ok'))
    const errors = [...truth.cache_imports, ...truth.cache_exports].map(({ error }) => error)
    for (const [index, transfer] of [...imports, ...exports].entries()) {
      if (errors[index] !== undefined) expect(transfer.error).toBe(errors[index])
    }
  })

  test('names the first step of each stage that was not cached', () => {
    const named = explanation.builds.flatMap((build) => build.firstMisses.map((miss) => miss.step))
    if (truth.log_format === 'plain')
      expect(named).toEqual(expect.arrayContaining(truth.first_invalidated.map(({ step }) => step)))
    for (const miss of named)
      expect(steps.find((step) => step.name === miss)?.status).toMatch(/executed|failed|canceled/)
  })
})
