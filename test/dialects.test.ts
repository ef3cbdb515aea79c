import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { logReader, skimFor } from '../src/build/read-log.ts'
import { explainer } from '../src/diagnosis/explain.ts'
import { type Explanation, explanationSchema } from '../src/diagnosis/explanation.ts'
import { indexSigns } from '../src/diagnosis/match.ts'
import { loadRunbooks } from '../src/diagnosis/runbooks.ts'
import { dresses, githubLog, githubStep } from './support/dialect-dress.ts'
import { kanikoFormats, versions } from './support/dialect-versions.ts'

/** Every dialect of build logs, in true logs where the tool runs here, against what the build was made to do. */
const folder = new URL('fixtures/dialects/', import.meta.url)
const truthSchema = z.strictObject({
  id: z.string(),
  /** `lab`: the tool itself wrote it; else what it was written by */
  made: z.string(),
  tools: z.string(),
  command: z.string(),
  log_format: z.enum(['plain', 'tty', 'rawjson', 'classic', 'buildah', 'kaniko']),
  /** the same variant of the same sources is the same build */
  variant: z.string().optional(),
  width: z.number().optional(),
  exit_code: z.number(),
  outcome: z.enum(['success', 'failure', 'unknown']),
  cause: z.string(),
  /** one for each image built: the target's name where the log has several */
  targets: z.array(z.string().nullable()),
  steps: z.array(z.object({ name: z.string(), status: z.string() })),
  /** registries that gave layers, and how many took some */
  cache_imports: z.array(z.string()).default([]),
  cache_exports: z.number().default(0),
})
type Truth = z.infer<typeof truthSchema>
type Step = { name: string; status: string }

const truths = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => truthSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))
const signs = indexSigns(await loadRunbooks([fileURLToPath(new URL('../runbooks', import.meta.url))]))

const logOf = (truth: Truth): Buffer => readFileSync(new URL(`${truth.id}.log`, folder))
const linesOf = (truth: Truth): string[] => logOf(truth).toString().split('\n')

function explain(log: Uint8Array): Explanation {
  const explaining = explainer(signs)
  explaining.feed(log)
  return explaining.end({ kind: 'file', name: 'log' })
}

const explainLines = (lines: string[]): Explanation => explain(Buffer.from(lines.join('\n')))

const byName = (a: Step, b: Step) => a.name.localeCompare(b.name) || a.status.localeCompare(b.status)

/** Terminals and old versions cut long names off: what is left must be the beginning of one that is meant. */
function stepsOf(explanation: Explanation, meant: Step[]): Step[] {
  const told = explanation.builds.flatMap((build) => build.steps)
  const whole = new Set(meant.map(({ name }) => name))
  const left = meant.filter(({ name }) => !told.some((step) => step.name === name))
  return told
    .map(({ name, status }) => {
      const shown = name.replace(/\.\.\.$/, '')
      const index = whole.has(name) || shown.length < 20 ? -1 : left.findIndex((step) => step.name.startsWith(shown))
      const [step] = index < 0 ? [] : left.splice(index, 1)
      return { name: step?.name ?? name, status }
    })
    .sort(byName)
}

const outcomes = { success: 'succeeded', failure: 'failed', unknown: 'unknown' } as const
const idOf = (explanation: Explanation) => explanation.diagnosis?.id ?? 'none'

describe.each(truths)('$id', (truth) => {
  const explanation = explain(logOf(truth))

  test('is told in the public contract', () => {
    expect(explanationSchema.parse(explanation)).toEqual(explanation)
  })

  test('ends as it ended', () => {
    expect(explanation.outcome).toBe(outcomes[truth.outcome])
  })

  test('has every step with its status', () => {
    expect(stepsOf(explanation, truth.steps)).toEqual(truth.steps.toSorted(byName))
  })

  test('has its images', () => {
    // which of several targets speaks first is chance
    expect(explanation.builds.map((build) => build.target).toSorted()).toEqual(truth.targets.toSorted())
  })

  test('counts its steps as the corpus does', () => {
    const isFrom = (name: string) => /^(?:\[[^\]]*\] )?FROM\b/.test(name)
    const count = (statuses: string[]) =>
      truth.steps.filter(({ name, status }) => statuses.includes(status) && (!isFrom(name) || status === 'cached'))
        .length
    expect(explanation.builds.reduce((sum, build) => sum + build.cached, 0)).toBe(count(['cached']))
    expect(explanation.builds.reduce((sum, build) => sum + build.executed, 0)).toBe(
      count(['executed', 'failed', 'canceled']),
    )
  })

  test('has the caches that it read and wrote', () => {
    const { builds } = explanation
    expect(builds.flatMap(({ imports }) => imports.map(({ ref }) => ref))).toEqual(truth.cache_imports)
    expect(builds.flatMap(({ exports }) => exports)).toHaveLength(truth.cache_exports)
  })

  test('is diagnosed', () => {
    expect(idOf(explanation)).toBe(truth.cause)
  })
})

/** What was told of a log, without what a change of dress or version may change. */
function gist(explanation: Explanation, meant: Step[]) {
  return { outcome: explanation.outcome, cause: idOf(explanation), steps: stepsOf(explanation, meant) }
}

const plain = truths.filter(({ id, log_format }) => log_format === 'plain' && id.startsWith('bk025-plain'))

describe.each(versions)('plain progress as $name prints it', ({ tell }) => {
  test.each(plain)('$id', (truth) => {
    const lines = linesOf(truth)
    const told = tell(lines)
    expect(gist(explainLines(told), truth.steps)).toEqual(gist(explainLines(lines), truth.steps))
  })
})

describe.each(kanikoFormats)('kaniko with --log-format=$name', ({ tell }) => {
  test.each(truths.filter(({ log_format }) => log_format === 'kaniko'))('$id', (truth) => {
    const lines = linesOf(truth)
    expect(gist(explainLines(tell(lines)), truth.steps)).toEqual(gist(explainLines(lines), truth.steps))
  })
})

const dressed = truths.filter(({ id }) =>
  /^(?:bk08-plain|bk025-plain|classic20|podman4|kaniko-text|compose240-plain)-(?:source-change|run-fails|api-fails)$/.test(
    id,
  ),
)

describe.each(dresses)('in the dress of $name', ({ wrap }) => {
  test.each(dressed)('$id', (truth) => {
    const lines = linesOf(truth)
    const job = wrap(lines, { command: truth.command, failed: truth.outcome === 'failure' })
    expect(gist(explainLines(job), truth.steps)).toEqual(gist(explainLines(lines), truth.steps))
  })
})

/** Steps of all builds, read line by line or passing over what bears no mark. */
function statuses(lines: string[], skim: boolean): string[] {
  const reader = logReader(() => {}, skim ? { index: skimFor([]), onRun: () => {} } : null)
  reader.feed(Buffer.from(lines.join('\n')))
  const vertices = reader.end().builds.flatMap((build) => [...build.vertices.values()])
  return vertices.map(({ text, status, error }) => `${status} ${text} ${error}`)
}

describe('passing over lines that bear no mark changes no step', () => {
  // a job that has said what it is about, so that lines may be passed over
  const job = [...githubStep('docker version', ['Client:', ' Version: 28.5.2'])]

  test.each(truths)('$id', (truth) => {
    const lines = [...job, ...linesOf(truth)]
    expect(statuses(lines, true)).toEqual(statuses(lines, false))
  })

  test.each(dresses)('in the dress of $name', ({ wrap }) => {
    for (const truth of dressed) {
      const told = wrap(linesOf(truth), { command: truth.command, failed: truth.outcome === 'failure' })
      const lines = ['$ docker version', ' Version: 28.5.2', ...told]
      expect(statuses(lines, true), truth.id).toEqual(statuses(lines, false))
    }
  })
})

describe.each(['source-change', 'run-fails', 'warm'])('the same build (%s)', (variant) => {
  const tellings = truths.filter((truth) => truth.variant === variant && truth.id.startsWith('bk025-'))
  const meant = tellings.find(({ log_format }) => log_format === 'plain')

  test('is told in several ways', () => {
    expect(tellings.map(({ log_format }) => log_format)).toEqual(expect.arrayContaining(['plain', 'tty', 'rawjson']))
  })

  test.each(tellings)('$id tells the same', (truth) => {
    expect(gist(explain(logOf(truth)), meant?.steps ?? [])).toEqual(
      gist(explain(logOf(meant ?? truth)), meant?.steps ?? []),
    )
  })
})

const truthOf = (id: string): Truth => {
  const truth = truths.find((each) => each.id === id)
  if (!truth) throw new Error(`no fixture ${id}`)
  return truth
}
const linesFor = (id: string) => linesOf(truthOf(id))
const stepsFor = (...ids: string[]) => ids.flatMap((id) => truthOf(id).steps).toSorted(byName)

describe('several builds in one job', () => {
  const web = githubStep('docker build -t acme/shop-web web', linesFor('web-cr-bars'))
  const check = githubStep('docker run --rm acme/shop-web npm test', [
    '# 5 checks',
    '#5 DONE 0.3s',
    'ERROR: retrying',
    'ok',
  ])
  const command = 'docker build -t acme/shop-api api'
  const failing = linesFor('bk025-plain-copy-missing')
  const retrying = (attempts: string[][], last: string) =>
    githubStep('nick-fields/retry@v3', [
      ...attempts.flatMap((lines, index) => [
        ...(index === 0 ? [] : [`##[warning]Attempt ${index} failed. Reason: Child_process exited with error code 1`]),
        ...lines,
      ]),
      last,
    ])

  test('a retry that helped is no failure; what ran in between is no build', () => {
    const api = retrying([failing, linesFor('bk025-plain-warm')], 'Command completed after 2 attempt(s).')
    const explanation = explainLines(githubLog([...web, ...check, ...api]))
    const meant = stepsFor('web-cr-bars', 'bk025-plain-copy-missing', 'bk025-plain-warm')
    expect(gist(explanation, meant)).toEqual({ outcome: 'succeeded', cause: 'none', steps: meant })
    expect(explanation.builds).toHaveLength(3)
  })

  test('a retry that did not help names the cause of its last attempt', () => {
    const last = '##[error]Final attempt failed. Child_process exited with error code 1'
    const explanation = explainLines(githubLog([...web, ...retrying([failing, failing], last)]))
    const meant = stepsFor('web-cr-bars', 'bk025-plain-copy-missing', 'bk025-plain-copy-missing')
    expect(gist(explanation, meant)).toEqual({ outcome: 'failed', cause: 'copy-source-missing', steps: meant })
  })

  test.each(['bk08-plain-run-fails', 'classic20-run-fails', 'podman4-run-fails', 'compose240-plain-api-fails'])(
    'the third of three builds fails: %s',
    (id) => {
      const job = [...web, ...check, ...githubStep(command, linesFor('bk025-plain-source-change'))]
      const explanation = explainLines(githubLog([...job, ...githubStep(command, linesFor(id), 1)]))
      const meant = stepsFor('web-cr-bars', 'bk025-plain-source-change', id)
      expect(gist(explanation, meant)).toEqual({ outcome: 'failed', cause: 'run-app-compile-error', steps: meant })
    },
  )

  test('a container that fails after its build is none of the build’s business', () => {
    const run = githubStep('docker run --rm acme/shop-web npm test', ['1 test failed'], 1)
    const explanation = explainLines(githubLog([...web, ...run]))
    expect(explanation.outcome).toBe('failed')
    expect(explanation.diagnosis?.family).toBe('not-docker')
    expect(stepsOf(explanation, stepsFor('web-cr-bars'))).toEqual(stepsFor('web-cr-bars'))
  })
})

const failures = truths.filter(({ outcome, log_format }) => outcome === 'failure' && log_format !== 'rawjson')

describe('a log that was cut', () => {
  test.each(failures.filter(({ id }) => !id.includes('parallel')))('at its head, before $id failed', (truth) => {
    const lines = linesOf(truth)
    // the last frame of a terminal, or the last third of what came line by line
    const from = truth.log_format === 'tty' ? lines.findLastIndex((line) => line.includes('[+] Building')) + 1 : 0
    const explanation = explainLines(lines.slice(from || Math.floor((lines.length * 2) / 3)))
    expect(explanation.outcome).toBe('failed')
    expect([truth.cause, 'run-nonzero-exit', 'run-command-failed']).toContain(idOf(explanation))
  })

  test.each(truths)('at its tail: $id says nothing that did not happen', (truth) => {
    const lines = linesOf(truth)
    const explanation = explainLines(lines.slice(0, Math.floor(lines.length / 2)))
    const statuses = new Map(truth.steps.map(({ name, status }) => [name, status]))
    expect(explanation.outcome).not.toBe(truth.outcome === 'success' ? 'failed' : 'succeeded')
    for (const step of stepsOf(explanation, truth.steps)) {
      if (step.status === 'cached' || step.status === 'failed') expect(statuses.get(step.name)).toBeDefined()
    }
  })
})
