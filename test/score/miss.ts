import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { missReasons } from '../../src/cache/miss.ts'
import { explainFile } from '../../src/cli-explain.ts'
import type { BuildSummary, Explanation } from '../../src/diagnosis/explanation.ts'
import type { SignIndex } from '../../src/diagnosis/match.ts'

type Miss = BuildSummary['firstMisses'][number]

const truthSchema = z.object({
  id: z.string(),
  log: z.string(),
  previous_log: z.string().nullish(),
  dockerfile_text: z.string().nullish(),
  previous_dockerfile_text: z.string().nullish(),
  dockerignore_text: z.string().nullish(),
  context: z.string().nullish(),
  changed_files: z.array(z.string()).nullish(),
  steps: z.array(z.object({ name: z.string(), status: z.string() })),
  first_invalidated: z.array(
    z.object({
      stage: z.string().nullish(),
      step: z.string(),
      reason: z.string(),
      file: z.string().optional(),
      /** of ours, where the lab's word alone does not say which are right */
      accept: z.array(z.enum(missReasons)).optional(),
    }),
  ),
})
export type MissTruth = z.infer<typeof truthSchema>

/** Null where the lab declares none: its builds that were made to fail name no first miss, though steps ran. */
export function readMissTruth(text: string): MissTruth | null {
  const read = truthSchema.safeParse(JSON.parse(text))
  if (!read.success) return null
  const ran = read.data.steps.some(
    ({ name, status }) => status !== 'cached' && /\b(?:RUN|COPY|ADD|WORKDIR) /.test(name),
  )
  return ran && read.data.first_invalidated.length === 0 ? null : read.data
}

/** The lab's words for reasons, and which of ours each of them allows. */
export function reasonsAccepted(folder: string, file?: string): Map<string, Set<string>> {
  const beside = [
    file,
    join(dirname(resolve(folder)), 'vocabulary.json'),
    join(dirname(resolve(folder)), 'lab-vocabulary.json'),
  ]
  const found = beside.find((path) => path !== undefined && existsSync(path))
  if (!found) throw new Error(`no vocabulary.json beside ${folder}; name it with --accept`)
  const { reasons } = z
    .object({ reasons: z.record(z.string(), z.array(z.enum(missReasons))) })
    .parse(JSON.parse(readFileSync(found, 'utf8')))
  return new Map(Object.entries(reasons).map(([word, accepted]) => [word, new Set<string>(accepted)]))
}

/** As at the terminal, with the same options; nothing of the truth is told. */
export async function explainCase(folder: string, truth: MissTruth, signs: SignIndex): Promise<Explanation> {
  const at = (name: string | null | undefined) => (name ? { file: join(folder, name) } : null)
  const scratch = mkdtempSync(join(tmpdir(), 'layerwise-miss-'))
  try {
    const changed = join(scratch, 'changed-files')
    writeFileSync(changed, `${(truth.changed_files ?? []).join('\n')}\n`)
    const previous = at(truth.previous_log)
    const read = await explainFile(join(folder, truth.log), signs, {
      ...(previous && { previous: previous.file, changedFiles: changed }),
      ...named('dockerfile', at(truth.dockerfile_text)),
      ...named('previousDockerfile', at(truth.previous_dockerfile_text)),
      ...named('dockerignore', at(truth.dockerignore_text)),
      ...(truth.context ? { context: truth.context } : {}),
    })
    if ('unreadable' in read) throw new Error(`${truth.id}: ${read.unreadable}`)
    return read
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

function named(option: string, given: { file: string } | null): Record<string, string> {
  return given ? { [option]: given.file } : {}
}

export type JudgedMiss = {
  id: string
  step: string
  /** the truth has it, and so have we */
  stepRight: boolean
  /** null when one of us lacks the step */
  reasonRight: boolean | null
  /** null when no file is the reason */
  fileRight: boolean | null
  impossible: string[]
  said: string
  truth: string
}

/** One judgement for each first miss of the truth, and one for each that the truth does not have. */
export function judgeMisses(truth: MissTruth, { builds }: Explanation, accept: Map<string, Set<string>>): JudgedMiss[] {
  const told = builds.flatMap(({ firstMisses }) => firstMisses)
  const wanted = truth.first_invalidated.map((one): JudgedMiss => {
    const ours = told.find(({ step }) => sameStep(step, one.step))
    return {
      id: truth.id,
      step: one.step,
      stepRight: ours !== undefined,
      reasonRight: ours ? (one.accept ? new Set(one.accept) : accept.get(one.reason))?.has(ours.reason) === true : null,
      fileRight: ours && one.file && isFileReason(one.reason) ? ours.files.includes(one.file) : null,
      impossible: ours ? impossibleFiles(truth, ours) : [],
      said: ours ? `${ours.reason} [${ours.files.slice(0, 3).join(' ')}] ${ours.detail}` : 'not told',
      truth: `${one.reason}${one.file ? ` ${one.file}` : ''}`,
    }
  })
  const surplus = told
    .filter(({ step }) => !truth.first_invalidated.some((one) => sameStep(step, one.step)))
    .map(
      (ours): JudgedMiss => ({
        ...{ id: truth.id, step: ours.step, stepRight: false, reasonRight: null, fileRight: null },
        impossible: impossibleFiles(truth, ours),
        ...{ said: `${ours.reason} ${ours.detail}`, truth: 'no first miss' },
      }),
    )
  return [...wanted, ...surplus]
}

/** The lab names steps as BuildKit's record does; a log of the classic builder has `Step 3/9 : ` in front. */
function sameStep(ours: string, theirs: string): boolean {
  const plain = (step: string) =>
    step
      .replace(/^Step \d+\/\d+ : /, '')
      .split('\n')[0]
      ?.trim()
  return plain(ours) === plain(theirs)
}

function isFileReason(reason: string): boolean {
  return /^file-/.test(reason)
}

/** Not by our own reading of Dockerfiles: outside the context, not changed, or under none of the words of the step. */
function impossibleFiles({ context, changed_files }: MissTruth, { step, files, reason }: Miss): string[] {
  if (!/^file-/.test(reason)) return []
  const folder = !context || context === '.' ? '' : `${context.replace(/\/$/, '')}/`
  const sources = (/(?:COPY|ADD) (.*) \S+$/.exec(step)?.[1] ?? '').split(' ').filter((word) => !word.startsWith('--'))
  // of bake targets the truth names no context
  if (context === undefined || context === null) return []
  return files.filter((file) => {
    const inside = file.startsWith(folder) ? file.slice(folder.length) : null
    const listed = (changed_files ?? []).some((line) => file.startsWith(line.replace(/[*(].*$/, '').trim()))
    const copied = sources.some((source) => couldBe(source.replace(/^["[]*\.?\/?|[",\]]*$/g, ''), inside ?? ''))
    return inside === null || !listed || !copied
  })
}

/** Variables and patterns may stand for anything; a plain word is a file or its folder. */
function couldBe(source: string, path: string): boolean {
  if (source === '' || source === '.') return true
  if (/[$*?[]/.test(source)) return path.startsWith(source.replace(/[$*?[].*$/, ''))
  return path === source || path.startsWith(`${source.replace(/\/$/, '')}/`)
}

export function missBoard(judged: JudgedMiss[], details: boolean): string {
  const share = (of: JudgedMiss[], right: JudgedMiss[]) =>
    `${right.length}/${of.length} (${of.length === 0 ? 'none' : (right.length / of.length).toFixed(3)})`
  const reasons = judged.filter(({ reasonRight }) => reasonRight !== null)
  const files = judged.filter(({ fileRight }) => fileRight !== null)
  const lines = [
    `first misses: ${judged.length} in ${new Set(judged.map(({ id }) => id)).size} builds`,
    `step right:   ${share(
      judged,
      judged.filter(({ stepRight }) => stepRight),
    )}`,
    `reason right: ${share(
      reasons,
      reasons.filter(({ reasonRight }) => reasonRight),
    )}`,
    `file right:   ${share(
      files,
      files.filter(({ fileRight }) => fileRight),
    )}`,
    `impossible files: ${judged.flatMap(({ impossible }) => impossible).length}`,
  ]
  const wrong = judged.filter(
    (one) => !one.stepRight || one.reasonRight === false || one.fileRight === false || one.impossible.length > 0,
  )
  const shown = details
    ? wrong.map(({ id, step, truth, said }) => `\n${id}: ${step}\n  truth: ${truth}\n  said:  ${said}`)
    : []
  return `${[...lines, ...shown].join('\n')}\n`
}
