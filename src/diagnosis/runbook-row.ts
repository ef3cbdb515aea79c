import { z } from 'zod'
import { type Place, places } from '../build/place.ts'
import { families, remedyKinds, remedyVerdicts, severities, transience } from './explanation.ts'
import { type Condition, conditionLists, rank, readConditions, signOf, where } from './runbook-conditions.ts'
import { type Code, codeBlocks, listAfter, type Section } from './runbook-markdown.ts'
import type { Report } from './runbook-problem.ts'
import { captureNames, quotedCaptures, type Sign, type TextSign } from './runbook-sign.ts'
import { type Expectations, readYaml } from './runbook-yaml.ts'

/**
 * One cause as a section of a page describes it: a `yaml` block that says how to recognise it, a *Fix* list, and real log
 * fragments that must (`log`) or must not (`log no-match`) be recognised.
 */
export type Row = {
  id: string
  /** Where its block begins on the page. */
  line: number
  family: (typeof families)[number]
  title: string
  summary: string
  severity: (typeof severities)[number]
  transient: (typeof transience)[number]
  /** `cache`: no sign decides this, the analysis of cache misses does; the row holds its words and its fix. */
  decidedBy: 'signs' | 'cache'
  /** What must be seen outside the log before this is more than likely. */
  confirmedBy: (typeof outside)[number][]
  where: Place[]
  signs: Sign[]
  all: Condition[]
  unless: Condition[]
  step: TextSign | null
  stepUnless: TextSign | null
  rank: number
  fix: string[]
  remedies: Remedy[]
  runbook: { file: string; anchor: string }
  samples: Sample[]
}
export type Sample = { kind: 'match' | 'no-match'; line: number; text: string }
type Remedy = { kind: (typeof remedyKinds)[number]; verdict: (typeof remedyVerdicts)[number]; why: string }

/** Where evidence lies that no log holds: workflow file, caches of the repository, other runs, Dockerfile, registry. */
const outside = ['workflow', 'caches', 'runs', 'dockerfile', 'registry'] as const

const oneLine = z.string().regex(/^\S.*\S$/)
// The name of a step is short and known: `RUN` or `npm` is enough there.
const stepSign = signOf(2)
const remedy = z.strictObject({ verdict: z.enum(remedyVerdicts), why: oneLine })
const schema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  family: z.enum(families),
  title: oneLine,
  summary: oneLine,
  severity: z.enum(severities),
  transient: z.enum(transience),
  'decided-by': z.enum(['signs', 'cache']).default('signs'),
  'confirmed-by': z.array(z.enum(outside)).default([]),
  where: where.default(['step']),
  ...conditionLists,
  step: stepSign.optional(),
  'step-unless': stepSign.optional(),
  rank: rank.default(50),
  remedies: z.partialRecord(z.enum(remedyKinds), remedy).default({}),
})

const wherever = `a list of places (${places.join(', ')})`
const expectations: Expectations = {
  id: { expected: 'the name of the cause in lower case with hyphens', example: 'id: disk-full-builder' },
  family: { expected: `one of ${families.join(', ')}`, example: 'family: disk' },
  title: { expected: 'one line of text', example: 'title: The disk of the builder is full' },
  summary: {
    expected: 'one line of text',
    example: 'summary: "{path|A file} could not be written: the disk is full."',
  },
  severity: { expected: `one of ${severities.join(', ')}`, example: 'severity: fatal' },
  transient: { expected: `one of ${transience.join(', ')}`, example: 'transient: no' },
  'decided-by': { expected: '`signs` or `cache`', example: 'decided-by: signs' },
  'confirmed-by': { expected: `a list of ${outside.join(', ')}`, example: 'confirmed-by: [caches]' },
  where: { expected: wherever, example: 'where: [step, export]' },
  signs: { expected: 'a list of texts and /patterns/', example: 'signs: ["no space left on device"]' },
  all: { expected: 'a list of texts and /patterns/', example: 'all: ["npm ci"]' },
  unless: {
    expected: 'a list of texts, /patterns/, or places with a sign',
    example: 'unless: [{ where: [runner], sign: "The operation was canceled" }]',
  },
  step: { expected: 'a text or a /pattern/', example: 'step: /--from=/' },
  'step-unless': { expected: 'a text or a /pattern/', example: 'step-unless: /--from=/' },
  rank: { expected: 'a whole number from 0 (fallback) to 100 (most basic)', example: 'rank: 50' },
  remedies: {
    expected: 'for rerun, rebuild or prune a verdict (helps, useless, harmful) and why',
    example: 'remedies: { rerun: { verdict: helps, why: "The mirror was down for a moment." } }',
  },
}

/** A fence of this kind is the machine part; other `yaml` in a section is an example for the reader. */
export function isMachineBlock(code: Code): boolean {
  return code.lang === 'yaml' && /^id:/m.test(code.text)
}

export function readRow(file: string, section: Section, source: string, report: Report): Row | null {
  const blocks = codeBlocks(section).filter(isMachineBlock)
  const [block, second] = blocks
  if (!block) {
    report(
      section.line,
      `section "${section.title}" needs a \`yaml\` block with an id, found none, e.g. one that begins with id: disk-full-builder`,
    )
    return null
  }
  if (second)
    report(
      second.line,
      `section "${section.title}" has a second \`yaml\` block with an id, expected one: give each cause its own section`,
    )
  const { value, lineOf } = readYaml(block, schema, expectations, report)
  const samples = readSamples(section, report)
  const fix = listAfter(section, 'Fix', source).map((item) => item.text)
  if (fix.length === 0)
    report(
      section.line,
      `section "${section.title}" needs a line "Fix" with a numbered list below it, found none, e.g. "Fix" and "1. Prune the builder"`,
    )
  if (!value) return null
  const row: Row = {
    id: value.id,
    line: block.line,
    family: value.family,
    title: value.title,
    summary: value.summary,
    severity: value.severity,
    transient: value.transient,
    decidedBy: value['decided-by'],
    confirmedBy: value['confirmed-by'],
    where: value.where,
    ...readConditions(value, value.where),
    step: value.step ?? null,
    stepUnless: value['step-unless'] ?? null,
    rank: value.rank,
    fix,
    remedies: remedyKinds.flatMap((kind) => (value.remedies[kind] ? [{ kind, ...value.remedies[kind] }] : [])),
    runbook: { file, anchor: section.anchor },
    samples,
  }
  checkSigns(row, lineOf(['signs']), report)
  checkQuotes(row, lineOf, report)
  checkConfirmed(row, lineOf(['confirmed-by']), report)
  return row
}

function checkSigns(row: Row, line: number, report: Report): void {
  const wanted = row.decidedBy === 'signs'
  if (wanted && row.signs.length === 0) {
    report(line, '`signs` needs at least one text or /pattern/, found an empty list, e.g. signs: ["ENOSPC"]')
  } else if (!wanted && row.signs.length > 0) {
    report(
      line,
      '`signs` must be empty where `decided-by` is cache, found some, expected either of the two, e.g. decided-by: signs',
    )
  }
}

/** Whoever reads a row that the log alone cannot prove is told where the proof lies. */
function checkConfirmed(row: Row, line: number, report: Report): void {
  if (row.confirmedBy.length === 0 || row.fix.some((fix) => fix.startsWith('To be sure'))) return
  report(line, 'a row with `confirmed-by` needs a step in *Fix* that says where to look, e.g. 1. To be sure: …')
}

/** A text may quote only what every sign captures, unless it has other words ready. */
function checkQuotes(row: Row, lineOf: (path: string[]) => number, report: Report): void {
  const names = row.signs.map(captureNames)
  for (const [key, text] of [
    ['title', row.title],
    ['summary', row.summary],
    ...row.fix.map((fix) => ['fix', fix] as const),
  ] as const) {
    for (const { name, hasWords } of quotedCaptures(text)) {
      if (!names.some((captured) => captured.includes(name))) {
        report(
          lineOf([key]),
          `\`${key}\` quotes {${name}}, which no sign captures, expected a name from a sign, e.g. /cannot find (?P<${name}>\\S+)/`,
        )
      } else if (!hasWords && !names.every((captured) => captured.includes(name))) {
        report(
          lineOf([key]),
          `\`${key}\` quotes {${name}}, which not every sign captures, expected words for the others, e.g. {${name}|a file}`,
        )
      }
    }
  }
}

function readSamples(section: Section, report: Report): Sample[] {
  const logs = codeBlocks(section).filter((code) => code.lang === 'log')
  for (const { line, meta } of logs) {
    if (meta !== null && meta !== 'no-match')
      report(line - 1, `a log block is marked "${meta}", expected \`log\` or \`log no-match\``)
  }
  if (!logs.some((code) => code.meta === null)) {
    report(
      section.line,
      `section "${section.title}" needs a \`log\` block with a real fragment that shows the cause, found none`,
    )
  }
  return logs.map(({ meta, line, text }) => ({ kind: meta === 'no-match' ? 'no-match' : 'match', line, text }))
}
