import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readVertexName } from '../../src/build/vertex-name.ts'
import { readChangedFiles } from '../../src/cache/changed-files.ts'
import { type Predicted, predictMisses } from '../../src/cache/predict/predict.ts'
import type { Dockerfile, Instruction } from '../../src/dockerfile/dockerfile.ts'
import { readIgnore } from '../../src/dockerfile/ignore.ts'
import { locate } from '../../src/dockerfile/locate.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'
import { type MissTruth, readMissTruth } from '../score/miss.ts'

/**
 * What was foretold from the sources alone, against what then happened in the lab: pairs of builds of which the first left
 * a warm cache, and whose second missed for what was changed in files.
 */
const folder = fileURLToPath(new URL('../fixtures/lab', import.meta.url))

/** Reasons that stand in the sources; the others (eviction, a moved base image, --no-cache) no change of files foretells. */
const ofSources = /^(?:file-|instruction-changed|env-changed|upstream-stage-changed|parent-step-changed)/
const certain = /^(?:file-|instruction-changed|env-changed)/

type Case = { truth: MissTruth; dockerfile: Dockerfile; predicted: Predicted[] }

const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => readMissTruth(readFileSync(`${folder}/${name}`, 'utf8')) ?? [])
  .filter(
    ({ previous_log, dockerfile_text, changed_files }) => previous_log && dockerfile_text && changed_files?.length,
  )
  .filter(({ first_invalidated }) => first_invalidated.every(({ reason }) => ofSources.test(reason)))
  .map(foretell)

test('what was foretold with certainty happened', () => {
  const claims = cases.flatMap((one) =>
    one.predicted
      .filter((claim) => claim.certainty === 'high' && !isUnreached(one, claim))
      .map((claim) => ({ claim, right: happened(one, claim) })),
  )
  const wrong = claims.filter(({ right }) => !right).map(({ claim }) => claim)
  console.log(`certain claims: ${claims.length - wrong.length} of ${claims.length} happened`)
  expect(wrong).toEqual([])
  expect(claims.length).toBeGreaterThanOrEqual(20)
})

test('what happened for files and instructions was foretold, with the file, and what followed it', () => {
  const told = cases.flatMap((one) =>
    one.truth.first_invalidated.map((miss) => ({ one, miss, right: foretold(one, miss) })),
  )
  const own = told.filter(({ miss }) => certain.test(miss.reason))
  const followed = told.filter(({ miss }) => !certain.test(miss.reason))
  const count = (list: typeof told) => `${list.filter(({ right }) => right).length} of ${list.length}`
  console.log(
    `foretold: ${count(own)} for files and instructions, ${count(followed)} that follow others; ${cases.length} builds`,
  )
  expect(own.filter(({ right }) => !right).map(({ one, miss }) => [one.truth.id, miss])).toEqual([])
  expect(followed.filter(({ right }) => !right).map(({ one, miss }) => [one.truth.id, miss])).toEqual([])
})

function foretell(truth: MissTruth): Case {
  const read = (name: string | null | undefined) =>
    name && existsSync(`${folder}/${name}`) ? readFileSync(`${folder}/${name}`, 'utf8') : null
  const name = 'Dockerfile'
  const dockerfile = readDockerfile(read(truth.dockerfile_text) ?? '', name)
  const before = read(truth.previous_dockerfile_text)
  const predicted = predictMisses({
    dockerfile,
    previousDockerfile: before === null ? dockerfile : readDockerfile(before, name),
    changed: readChangedFiles((truth.changed_files ?? []).join('\n')),
    ignore: readIgnore(read(truth.dockerignore_text) ?? ''),
    context: truth.context === '.' ? '' : (truth.context ?? ''),
  })
  return { truth, dockerfile, predicted }
}

type Truth = MissTruth['first_invalidated'][number]

/** The step, or its twin: what stands on the same instructions is shown once, under the name of one stage. */
function happened({ truth, dockerfile, predicted }: Case, claim: Predicted): boolean {
  const own = truth.first_invalidated.filter(
    (miss) => miss.stage?.split(' ').at(-1) === claim.stage || miss.stage === null,
  )
  if (own.some((miss) => place(dockerfile, miss)?.line === claim.line)) return true
  // an earlier step of the stage, which was possible, did miss
  const earlier = predicted.filter(({ stage, line }) => stage === claim.stage && line < claim.line)
  if (own.some((miss) => earlier.some(({ line }) => line === place(dockerfile, miss)?.line))) return true
  return (
    own.some(({ reason }) => reason === 'parent-step-changed') &&
    truth.first_invalidated.some(({ step }) => readVertexName(step).instruction === claim.text)
  )
}

/** A build that failed before. */
function isUnreached({ truth, dockerfile }: Case, { stage, line }: Predicted): boolean {
  const failed = truth.steps.some(({ status }) => status === 'failed')
  const ended = truth.steps.filter(({ status }) => status === 'cached' || status === 'executed')
  return (
    failed &&
    !ended.some(({ name }) => name.startsWith(`[${stage} `) && place(dockerfile, { stage, step: name })?.line === line)
  )
}

function foretold({ dockerfile, predicted }: Case, miss: Truth): boolean {
  const at = place(dockerfile, miss)
  return predicted.some((claim) =>
    claim.line === at?.line
      ? !miss.file || !certain.test(miss.reason) || !/^file/.test(miss.reason) || claim.files.includes(miss.file)
      : miss.reason === 'parent-step-changed' && claim.stage === miss.stage && claim.line < (at?.line ?? 0),
  )
}

function place(dockerfile: Dockerfile, { stage, step }: Pick<Truth, 'stage' | 'step'>): Instruction | null {
  const { ordinal, instruction } = readVertexName(step)
  return locate(dockerfile, { stage: stage?.split(' ').at(-1) ?? null, ordinal, instruction })
}
