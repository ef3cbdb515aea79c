import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { logReader } from '../../src/build/read-log.ts'
import { explainer } from '../../src/diagnosis/explain.ts'
import { type Explanation, explanationSchema } from '../../src/diagnosis/explanation.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { diagnoseRun } from '../../src/diagnosis/run-diagnosis.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { rungs, violations } from '../../src/thread/limits.ts'
import { openStory } from '../../src/thread/story.ts'
import { printExplanation } from '../../src/thread/terminal.ts'
import { planAnswer, planThread } from '../../src/thread/thread.ts'
import { runs } from '../support/fuzz.ts'
import { chunks, mutatedLog, realLogs } from '../support/mutate.ts'
import { alert, start } from '../thread/examples.ts'

const signs = indexSigns(await loadRunbooks([ownRunbooks]))
const logs = realLogs()
const source = { kind: 'file', name: 'log' } as const

function explain(
  log: Buffer,
  sizes: readonly number[] = [1 << 16],
  options = {},
): { told: Explanation; excerpt: string } {
  const explaining = explainer(signs, options)
  for (const chunk of chunks(log, sizes)) explaining.feed(chunk)
  return { told: explaining.end(source), excerpt: explaining.excerpt() }
}

describe('a damaged log', () => {
  test('is explained within the contract, in words that are no longer than the log allows', () => {
    fc.assert(
      fc.property(mutatedLog(logs), (log) => {
        const { told, excerpt } = explain(log)
        expect(explanationSchema.safeParse(told).error).toBeUndefined()
        const steps = told.builds.reduce((sum, build) => sum + build.steps.length + build.imports.length, 0)
        expect(JSON.stringify(told).length).toBeLessThan(100_000 + 1_000 * steps + 4 * log.length)
        expect(excerpt.length).toBeLessThan(200_000 + 4 * log.length)
      }),
      runs(120),
    )
  })

  test('is read alike whatever the chunks', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 9_000 })), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(mutatedLog(logs), sizes, (log, sizes) => {
        expect(explain(log, sizes)).toEqual(explain(log))
      }),
      runs(60),
    )
  })

  test('is read alike whether lines are passed over or not', () => {
    fc.assert(
      fc.property(mutatedLog(logs), (log) => {
        expect(explain(log, [4_000], { onLine: () => {} })).toEqual(explain(log))
      }),
      runs(60),
    )
  })

  test('gives threads that Slack takes, and nothing to the terminal that it would obey', () => {
    fc.assert(
      fc.property(mutatedLog(logs), (log) => {
        const { told } = explain(log)
        const job = {
          id: 2,
          name: 'build',
          url: 'https://github.com/acme/web',
          conclusion: 'failure',
          explanation: told,
        }
        const diagnosis = diagnoseRun([job, { ...job, id: 3 }], [])
        const story = openStory({ id: 'one', channel: 'C1' }, alert(), diagnosis, start)
        const answer = { tag: 'x', run: alert(), state: 'failed' as const, diagnosis, askedBy: 'U012AB3CD' }
        for (const message of [...planThread({ story }), ...planAnswer(answer)]) {
          expect(violations(message)).toEqual([])
          for (const rung of rungs(message)) expect(violations(rung)).toEqual([])
          const said = JSON.stringify(message.blocks) + message.text
          expect(said).not.toMatch(/<!(?:channel|here|everyone)/)
        }
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(printExplanation(told)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
      }),
      runs(60),
    )
  })
})

describe('noise that is no log at all', () => {
  test.each([
    ['bytes', fc.uint8Array({ maxLength: 4_000 }).map((bytes) => Buffer.from(bytes))],
    ['text', fc.string({ unit: 'binary', maxLength: 2_000 }).map((text) => Buffer.from(text))],
    ['UTF-16', fc.string({ maxLength: 500 }).map((text) => Buffer.from(`\ufeff${text}`, 'utf16le'))],
    [
      'structure without sense',
      fc
        .array(
          fc.tuple(
            fc.constantFrom(
              '#1 ',
              '#2 1.0 ',
              '------',
              ' > ',
              '##[group]Run ',
              '##[error]',
              '=> ',
              'Step 1/2 : ',
              '[+] Building ',
              'ERROR: ',
            ),
            fc.string({ maxLength: 20 }),
          ),
          { maxLength: 60 },
        )
        .map((lines) => Buffer.from(lines.map((line) => line.join('')).join('\n'))),
    ],
  ])('%s', (_, noise) => {
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 300 }), (log, size) => {
        const { told } = explain(log, [size])
        expect(explanationSchema.safeParse(told).error).toBeUndefined()
        expect(told.source.bytes).toBe(log.length)
      }),
      runs(100),
    )
  })
})

/** Counts what is kept, not seconds or bytes: the same for everybody. */
describe('what is kept of a log does not grow with it', () => {
  const grown = (line: (index: number) => string, lines: number) => {
    let longest = 0
    const reader = logReader(({ text }) => {
      longest = Math.max(longest, text.length)
    })
    for (let index = 0; index < lines; index += 1_000)
      reader.feed(Buffer.from(Array.from({ length: 1_000 }, (_, more) => `${line(index + more)}\n`).join('')))
    const { builds, jobSteps } = reader.end()
    const vertices = builds.reduce((sum, build) => sum + build.vertices.size, 0)
    const texts = builds.reduce((sum, build) => sum + (build.finalError?.text.length ?? 0) + build.excerpts.length, 0)
    return {
      longest,
      builds: builds.length,
      vertices,
      texts,
      steps: jobSteps.length,
      errors: Math.max(0, ...jobSteps.map(({ errors, header }) => errors.length + header.length)),
    }
  }
  const most = { longest: 80_000, builds: 300, vertices: 30_000, texts: 2_000_000, steps: 2_000, errors: 230 }

  test.each<[string, (index: number) => string]>([
    ['vertices', (index) => `#${index + 1} [stage ${index}/9] RUN x${index}`],
    [
      'builds',
      (index) =>
        `#${(index % 5) + 1} ${index % 5 === 0 ? '[internal] load build definition from Dockerfile' : `[a ${index % 5}/5] RUN x`}${index % 5 === 4 ? '\nERROR: failed to solve: x' : ''}`,
    ],
    [
      'builds of many vertices',
      (index) =>
        index % 4_500 === 0
          ? 'ERROR: failed to solve: x\n#1 [internal] load build definition from Dockerfile'
          : `#${(index % 4_500) + 1} [a ${index}/9] RUN x${index}`,
    ],
    ['steps of a job', (index) => `##[group]Run x${index}`],
    ['annotations', (index) => `##[error]x${index}`],
    ['inputs of a step', (index) => (index === 0 ? '##[group]Run x' : `  x${index}: y`)],
    ['steps of the classic builder', (index) => `Step ${index + 1}/99999 : RUN x`],
    [
      'rows of a terminal',
      (index) => (index % 7 === 0 ? '[+] Building 1.0s (1/2)' : ` => [a ${index}/9] RUN x${index}  0.1s`),
    ],
    [
      'raw progress',
      (index) => `{"vertexes":[{"digest":"sha256:${String(index).padStart(64, '0')}","name":"[a 1/2] RUN x"}]}`,
    ],
    ['lines of a closing error', (index) => (index === 0 ? 'ERROR: failed to solve: x' : `x${index}`)],
    [
      'excerpts',
      (index) => ['Dockerfile:1', '-'.repeat(20), `   1 | >>> RUN x${index}`, '-'.repeat(20)][index % 4] ?? '',
    ],
    ['kaniko', (index) => `INFO[${String(index).padStart(4, '0')}] RUN x${index}`],
  ])('%s', (_, line) => {
    const kept = grown(line, 60_000)
    for (const [name, limit] of Object.entries(most))
      expect(kept[name as keyof typeof kept], name).toBeLessThanOrEqual(limit)
  })
})
