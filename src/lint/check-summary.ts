import { redact } from '../build/redact.ts'
import type { Predicted } from '../cache/predict/predict.ts'
import type { Problem } from '../dockerfile/dockerfile.ts'
import { counts, diffOf } from './finding.ts'
import { code, fenced, prose, row } from './markdown.ts'
import type { PullFinding } from './pull-findings.ts'
import type { ImagePrediction } from './pull-predictions.ts'

export type Told = {
  findings: PullFinding[]
  problems: Problem[]
  images: ImagePrediction[]
  missing: string[]
  /** of the files as the pull request has them */
  texts: ReadonlyMap<string, string>
}

/** One line: the worst first, then what leaves the cache. */
export function checkTitle({ findings, problems, images }: Told): string {
  const broken = findings.filter(({ finding, introduced }) => finding.level === 'prohibited' && introduced)
  if (broken[0]) return plain(`Prohibited: ${broken[0].finding.message}`)
  const warnings = findings.filter(({ finding, concerned }) => concerned && counts(finding)).length + problems.length
  const certain = images.flatMap(({ misses }) => misses.filter(({ certainty }) => certainty === 'high'))
  const steps = certain.reduce((sum, { dependents }) => sum + 1 + dependents, 0)
  const layers = steps === 0 ? 'no layer leaves the cache for certain' : `${many(steps, 'step')} will leave the cache`
  const title = warnings === 0 ? layers : `${many(warnings, 'warning')}; ${layers}`
  return title.charAt(0).toUpperCase() + title.slice(1)
}

/** Markdown, the most important first: GitHub cuts what is too long. */
export function checkSummary(told: Told): string {
  const shown = told.findings.filter(({ concerned, finding }) => concerned || finding.level === 'prohibited')
  const others = told.findings.filter((one) => !shown.includes(one))
  return [
    ...shown.filter(({ finding }) => finding.level === 'prohibited').map((one) => tellFinding(one, told)),
    ...tellImages(told.images),
    ...shown.filter(({ finding }) => finding.level !== 'prohibited').map((one) => tellFinding(one, told)),
    ...tellProblems(told.problems),
    ...tellOthers(others),
    ...(told.missing.length > 0
      ? [`### What could not be read\n\n${told.missing.map((one) => `- ${prose(one)}`).join('\n')}`]
      : []),
  ].join('\n\n')
}

/** For annotations and titles, which GitHub shows as they are. */
export function plain(text: string): string {
  return redact(text).replace(/\s+/g, ' ').trim()
}

function tellImages(images: ImagePrediction[]): string[] {
  if (images.length === 0) return []
  const told = images.map((image) => {
    const name = `${code(image.file)}${image.target === null ? '' : `, target ${code(image.target)}`}`
    if (image.misses.length === 0) return `${name}: every layer stays in the cache.`
    const stays = image.misses.flatMap(({ stays }) => (stays === null ? [] : [prose(stays)]))
    return [`${name}:\n`, ...tableOf(image.misses), ...stays.map((one) => `\nIn spite of it: ${one}.`)].join('\n')
  })
  return [['### What this takes out of the cache', compared, ...told].join('\n\n')]
}

/** What a prediction rests on. */
const compared = 'Beside a cache that holds the build of the base branch. It is read from the files, nothing was built.'

function tableOf(misses: Predicted[]): string[] {
  const rows = misses.slice(0, 40).map((miss) => {
    const after = miss.dependents === 0 ? '' : many(miss.dependents, 'step')
    return row([code(miss.stage), String(miss.line), code(miss.text), tellWhy(miss), after])
  })
  return [
    '| stage | line | instruction | why it misses | what follows in the stage |',
    '|---|--:|---|---|---|',
    ...rows,
  ]
}

function tellWhy({ reason, files, detail, certainty, follows, expected }: Predicted): string {
  const shown = files.slice(0, filesShown).map(code).join(', ')
  const more = files.length > filesShown ? ` and ${files.length - filesShown} more` : ''
  const bare = follows === null && /^file-/.test(reason) && files.length > 0
  const cause = bare
    ? `${shown}${more} changed${reason === 'file-metadata-changed' ? ' its permission bits' : ''}`
    : follows === null
      ? prose(detail)
      : certainty === 'high'
        ? `stands on stage ${code(follows)}`
        : `**perhaps**: takes files of stage ${code(follows)}, and misses if they come out different`
  const unsure = follows === null && certainty !== 'high' ? '**perhaps**: ' : ''
  return `${unsure}${cause}${expected === false ? '. **Not needed**: no manifest of the dependencies that run again changed' : ''}`
}

const filesShown = 3

function tellFinding({ finding, introduced }: PullFinding, { texts }: Told): string {
  const { level, rule, file, line, message, why, edit, cost } = finding
  const head = level === 'prohibited' ? 'Prohibited' : level === 'warning' ? 'Warning' : 'Note'
  const known = introduced ? '' : ' The base branch has this already.'
  const measured = cost === null ? '' : ` Measured: ${cost.secondsPerBuild} s in each of ${many(cost.builds, 'build')}.`
  const diff = edit && diffOf(edit.file, texts.get(edit.file) ?? null, [edit])
  return [
    `### ${head}: ${prose(message)}`,
    `${code(`${file}:${line}`)}, rule ${code(rule)}. ${prose(why)}${known}${measured}`,
    ...(diff === null ? [] : [fenced('diff', diff)]),
  ].join('\n\n')
}

function tellProblems(problems: Problem[]): string[] {
  if (problems.length === 0) return []
  const lines = problems
    .slice(0, 20)
    .map(({ file, line, message }) => `- ${code(`${file}:${line}`)}: ${prose(message)}`)
  return [`### What could not be understood\n\n${lines.join('\n')}`]
}

function tellOthers(others: PullFinding[]): string[] {
  if (others.length === 0) return []
  const lines = others
    .slice(0, 20)
    .map(
      ({ finding: { file, line, rule, message } }) => `- ${code(`${file}:${line}`)} ${code(rule)}: ${prose(message)}`,
    )
  return [
    `<details><summary>${many(others.length, 'finding')} that this pull request did not bring</summary>\n\n${lines.join('\n')}\n\n</details>`,
  ]
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
