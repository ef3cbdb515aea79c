import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Build } from '../../src/build/build.ts'
import { logReader } from '../../src/build/read-log.ts'
import { type ChangedFiles, readChangedFiles } from '../../src/cache/changed-files.ts'
import { type Evidence, noEvidence } from '../../src/cache/evidence.ts'
import { missReasons } from '../../src/cache/miss.ts'
import type { BuildSummary } from '../../src/diagnosis/explanation.ts'
import { explanationSchema } from '../../src/diagnosis/explanation.ts'
import { summariseBuild } from '../../src/diagnosis/summarise.ts'
import { readIgnore } from '../../src/dockerfile/ignore.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'
import { runs } from '../support/fuzz.ts'
import { runbookTriggers } from './told-misses.ts'

/** Whatever stands beside a log, true or not: nothing breaks, and no file is named that the step cannot see. */

const folder = fileURLToPath(new URL('../fixtures/misses/', import.meta.url))
const names = readdirSync(folder)
const logs = names.filter((name) => name.endsWith('.log') && !name.endsWith('.prev.log'))
const read = (name: string) => readFileSync(folder + name, 'utf8')

const builds = new Map<string, Build[]>()
function buildsOf(name: string): Build[] {
  const known = builds.get(name)
  if (known) return known
  const reader = logReader(() => {})
  reader.feed(readFileSync(folder + name))
  const told = reader.end().builds
  builds.set(name, told)
  return told
}

const segment = fc.constantFrom(
  'src',
  'web',
  'api',
  'lib',
  'package.json',
  'Cargo.toml',
  'a.ts',
  'docs',
  '.git',
  '*',
  '**',
  'ä b',
  '..',
  'Dockerfile',
  '.dockerignore',
)
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((all) => all.join('/'))
const line = fc.oneof(
  path,
  path.map((one) => `${one}/`),
  path.map((one) => `${one} (mode only)`),
  fc.string({ maxLength: 30 }),
)
const changedText = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'))

const words = fc.constantFrom(
  'FROM node:22',
  'FROM base AS app',
  'FROM alpine AS base',
  'COPY . .',
  'COPY src/ ./',
  'COPY --from=base /a /b',
  'COPY package*.json $X ./',
  'COPY <<EOF /x',
  'EOF',
  'RUN npm ci',
  'RUN --mount=type=bind,target=. make',
  'RUN <<E',
  'E',
  'ARG X',
  'ENV X=1',
  'WORKDIR /',
  'ADD https://x.dev/a /a',
  'ONBUILD COPY . .',
  '# escape=`',
  'COPY ["a b", "c"]',
  'RUN a \\',
  '',
)
const dockerfileText = fc.oneof(
  fc.constantFrom(...names.filter((name) => name.endsWith('Dockerfile'))).map(read),
  fc.array(fc.oneof(words, fc.string({ maxLength: 20 })), { maxLength: 25 }).map((lines) => lines.join('\n')),
  fc.string({ unit: 'binary', maxLength: 200 }),
)
const context = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.constantFrom('web', 'services/api', null))
const ignoreText = fc.oneof(
  fc.constant(null),
  fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n')),
)

type Given = {
  log: string
  previous: string | null
  dockerfile: string | null
  previousDockerfile: string | null
  ignore: string | null
  context: string | null
  changed: string
}
/** A log with what belongs to it, edited or not, or with what belongs to another. */
const given: fc.Arbitrary<Given> = fc.constantFrom(...logs).chain((log) => {
  const beside = (ending: string) => names.filter((name) => name === log.replace(/\.log$/, ending))
  const own = beside('.Dockerfile').map(read)
  const moved = own.map((text) => text.replaceAll(/^(COPY (?:--\S+ )*)\S+/gm, '$1web'))
  const files = beside('.json').flatMap((name) => filesOf(read(name)))
  const text = fc.oneof(...[...own, ...moved].map((one) => fc.constant(one)), dockerfileText)
  return fc.record({
    log: fc.constant(log),
    previous: fc.option(fc.constantFrom(...beside('.prev.log'), ...names.filter((name) => name.endsWith('.log')))),
    dockerfile: fc.option(text),
    previousDockerfile: fc.option(text),
    ignore: ignoreText,
    context,
    changed: fc.tuple(fc.subarray(files), changedText).map(([some, others]) => [...some, others].join('\n')),
  })
})

function filesOf(truth: string): string[] {
  return z.object({ changed_files: z.array(z.string()).catch([]) }).parse(JSON.parse(truth)).changed_files
}

function evidenceOf(
  { previous, dockerfile, previousDockerfile, ignore, context }: Given,
  changed: ChangedFiles,
): Evidence {
  const sources = {
    dockerfile: dockerfile === null ? null : readDockerfile(dockerfile, 'Dockerfile'),
    previousDockerfile: previousDockerfile === null ? null : readDockerfile(previousDockerfile, 'Dockerfile'),
    ignore: ignore === null ? null : readIgnore(ignore),
    ...{ context, buildArgs: null, cache: null, fixesFor: null },
  }
  return { previous: previous === null ? null : buildsOf(previous), changed, sourcesOf: () => sources }
}

function summaries(one: Given, changed = readChangedFiles(one.changed)): BuildSummary[] {
  const evidence = evidenceOf(one, changed)
  return buildsOf(one.log).flatMap((build) => summariseBuild(build, evidence, runbookTriggers))
}

describe('whatever Dockerfiles, lists and logs are put together', () => {
  test('the misses are within the contract', () => {
    const schema = explanationSchema.shape.builds
    fc.assert(
      fc.property(given, (one) => {
        const told = summaries(one)
        expect(schema.safeParse(told).error).toBeUndefined()
        for (const { firstMisses } of told)
          for (const { reason, detail, files, certainty } of firstMisses) {
            expect(missReasons).toContain(reason)
            expect(detail).not.toBe('')
            expect(new Set(files).size).toBe(files.length)
            if (reason === 'unknown') expect(certainty).toBe('low')
          }
      }),
      runs(400),
    )
  })

  test('which steps are first misses is in the log alone: none that was cached, one of a stage and platform', () => {
    fc.assert(
      fc.property(given, (one) => {
        const bare = buildsOf(one.log).flatMap((build) => summariseBuild(build, noEvidence))
        const told = summaries(one)
        expect(told.map(stepsOf)).toEqual(bare.map(stepsOf))
        for (const { steps, firstMisses } of told)
          for (const { step } of firstMisses)
            expect(steps.some(({ name, status }) => name === step && status !== 'cached')).toBe(true)
      }),
      runs(200),
    )
  })

  test('a file that is named was changed, or is a part of what was, and lies in the context', () => {
    let named = 0
    fc.assert(
      fc.property(given, (one) => {
        const changed = readChangedFiles(one.changed)
        for (const { firstMisses } of summaries(one, changed))
          for (const { files } of firstMisses)
            for (const file of files) {
              named++
              expect(one.context).not.toBeNull()
              if (one.context !== '') expect(`${file}/`.startsWith(`${one.context}/`)).toBe(true)
              const from = changed.files.some(({ path }) => path === file || mayHold(path, file))
              expect(from, `${file} of ${changed.files.map(({ path }) => path).join(', ')}`).toBe(true)
            }
      }),
      runs(400),
    )
    expect(named).toBeGreaterThan(200)
  })

  test('a file that is named stands under the words of the step, whatever the Dockerfile says', () => {
    fc.assert(
      fc.property(given, (one) => {
        for (const { firstMisses } of summaries(one))
          for (const { step, reason, files } of firstMisses) {
            const sources = plainSources(step)
            if (!sources || !reason.startsWith('file-')) continue
            const inContext = files.map((file) => (one.context ? file.slice(one.context.length + 1) : file))
            for (const file of inContext)
              expect(
                sources.some((source) => isUnder(file, source) || isUnder(source, file.replace(/\/$/, ''))),
                `${file} of ${step}`,
              ).toBe(true)
          }
      }),
      runs(400),
    )
  })

  test('the order of the changed files decides nothing', () => {
    fc.assert(
      fc.property(given, fc.infiniteStream(fc.nat()), (one, dice) => {
        const changed = readChangedFiles(one.changed)
        const order = changed.files.map((file) => ({ file, at: dice.next().value ?? 0 }))
        const shuffled = order.toSorted((a, b) => a.at - b.at).map(({ file }) => file)
        const reasons = (files: ChangedFiles['files']) =>
          summaries(one, { ...changed, files }).map(({ firstMisses }) =>
            firstMisses.map((miss) => [miss.step, miss.reason, miss.expected, miss.files.toSorted()]),
          )
        expect(reasons(shuffled)).toEqual(reasons(changed.files))
      }),
      runs(200),
    )
  })
})

/** Of a `COPY a b` without variables, wildcards and quotes; null for any other. */
function plainSources(step: string): string[] | null {
  const words = /(?:COPY|ADD) (.*)$/.exec(step)?.[1]?.split(' ')
  if (!words || /[$*?["<\\]|--from|\/\.\.?(?:\/|\s|$)/.test(step.replace(/^\[[^\]]*\]/, ''))) return null
  return words
    .filter((word) => !word.startsWith('--'))
    .slice(0, -1)
    .map((word) => word.replace(/^(?:\.?\/)+|^\.$|\/+$/g, ''))
}

function isUnder(file: string, folder: string): boolean {
  return folder === '' || folder === '.' || file === folder || file.startsWith(`${folder}/`)
}

function stepsOf({ firstMisses }: BuildSummary) {
  return firstMisses.map(({ stage, step, secondsLost }) => [stage, step, secondsLost])
}

/** A folder or a pattern stands for what may be in it. */
function mayHold(path: string, file: string): boolean {
  if (path.includes('*'))
    return file.startsWith(
      path
        .slice(0, path.indexOf('*'))
        .replace(/[^/]*$/, '')
        .replace(/\/$/, ''),
    )
  return path.endsWith('/') && `${file}/`.startsWith(path)
}
