import { explainer } from '../../src/diagnosis/explain.ts'
import type { Cause } from '../../src/diagnosis/explanation.ts'
import { bears, indexSigns, type SignIndex } from '../../src/diagnosis/match.ts'
import { greenReader, type KnownLines, knownLines } from '../../src/diagnosis/novelty.ts'
import type { Row } from '../../src/diagnosis/runbook.ts'
import type { Catalogue } from '../../src/diagnosis/runbooks.ts'
import { type Accept, judge, type LabelledLog } from './scoreboard.ts'

/**
 * What a person is shown when no rule knows the failure: each failing log whose cause the catalogue names rightly is
 * explained once more without any rule. A true line is one that a sign of the right cause stands on; the general words
 * at the end ("exit code: 1") count only where the cause has no better sign.
 */
export type Shown = { id: string; found: boolean; lines: number; bytes: number; quoted: number }

type Case = { id: string; log: string; truth: string[] }

/** The failing logs, each with the lines that show its cause. */
export function unknownCases(logs: LabelledLog[], accept: Accept, catalogue: Catalogue): Case[] {
  const signs = indexSigns(catalogue)
  return logs.flatMap((log) => {
    const explanation = explain(signs, log.log)
    const { diagnosis, outcome } = explanation
    const row = diagnosis && catalogue.rows.get(diagnosis.id)
    if (outcome !== 'failed' || !row || judge(log, explanation, accept).verdict !== 'right') return []
    const truth = signLines(row, diagnosis)
    return truth.length === 0 ? [] : [{ id: log.id, log: log.log, truth }]
  })
}

function signLines(row: Row, { evidence }: Cause): string[] {
  const signs = [...row.signs, ...row.all.map(({ sign }) => sign)].filter((sign) => sign.kind !== 'observed')
  return evidence.map(({ text }) => text.trim()).filter((text) => signs.some((sign) => bears(sign, text)))
}

/** `known`: what the same job writes when all is well. */
export function show({ id, log, truth }: Case, known: KnownLines | null = null): Shown {
  const evidence = explain(noSigns, log, known).diagnosis?.evidence ?? []
  const texts = evidence.map(({ text }) => text.trim())
  return {
    id,
    found: truth.some((line) => texts.includes(line)),
    lines: texts.length,
    bytes: Buffer.byteLength(log),
    quoted: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  }
}

/**
 * The same failure in a job that writes a lot: some hundred lines of ordinary progress, with words like "failed" and
 * "error" in them, before the true line and behind it. `round` makes the numbers in them others.
 */
export function inLongJob({ id, log, truth }: Case, round: number): Case {
  const lines = log.split('\n')
  const at = lines.findIndex((line) => line.trimEnd().endsWith(truth[0] ?? ''))
  const prefix = at < 0 ? '' : (lines[at] ?? '').slice(0, (lines[at] ?? '').lastIndexOf(truth[0] ?? ''))
  // what stands in a step has the step's number before it; an error of the builder's own ends the build
  const inStep = /^(?:.*\s)?#\d+ (?:\d+\.\d+ )?$/.test(prefix) && !(truth[0] ?? '').startsWith('ERROR')
  const noise = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => `${inStep ? prefix : ''}${progress(from + index, round)}`)
  const split = inStep ? at : 0
  const behind = inStep ? noise(1_000, 150) : []
  const longer = [
    ...lines.slice(0, split),
    ...noise(0, 700),
    ...lines.slice(split, split + 1),
    ...behind,
    ...lines.slice(split + 1),
  ]
  return { id, log: longer.join('\n'), truth }
}

/** The same job when all is well: only its progress. */
export function greenLines(round: number): KnownLines {
  const reader = greenReader()
  const lines = Array.from({ length: 1_200 }, (_, index) => `#7 ${(index / 7).toFixed(3)} ${progress(index, round)}`)
  reader.feed(new TextEncoder().encode(`#7 [build 4/7] RUN make\n${lines.join('\n')}\n#7 DONE 171.4s\n`))
  return knownLines(reader.end().signatures)
}

/** Line `index` of a job that goes well: the same words in every round, other numbers. */
function progress(index: number, round: number): string {
  const number = index * 17 + round * 31
  const word = wordOf(index)
  const lines = [
    `Get:${number} http://deb.debian.org/debian bookworm/main amd64 lib${word} amd64 1.${number}-3 [${number} kB]`,
    `   Compiling ${word} v0.${number}.1`,
    `npm warn deprecated ${word}@${number}.0.2: this version failed to get updates, use another`,
    `[${number}/900] Building CXX object src/CMakeFiles/app.dir/error_${word}.cpp.o`,
    `test ${word} ... ok (${number} passed; 0 failed; finished in ${number}.2s)`,
    `checked ${word} in ${number} ms, no errors`,
    `${word}: mirror answered with error 502 in ${number} ms, asking another`,
    `${word} not found in cache, downloading (${number} kB)`,
  ]
  return lines[index % lines.length] ?? ''
}

/** A word without digits for each number: `b`, `c`, … `ba`. */
function wordOf(index: number): string {
  return [...index.toString(16)].map((digit) => 'bcdfghjklmnpqrst'[Number.parseInt(digit, 16)]).join('')
}

/** Logs of this size and more quote at most a twentieth of themselves. */
const longLog = 30_000

export function shownBoard(shown: Shown[]): string {
  const found = shown.filter((one) => one.found).length
  const long = shown.filter(({ bytes }) => bytes >= longLog)
  const within = long.filter(({ bytes, quoted }) => quoted <= bytes / 20).length
  const size = long.length === 0 ? '' : `, at most 5 % of the bytes in ${within}/${long.length} logs of 30 kB and more`
  return `a true line among those quoted ${found}/${shown.length}${size}`
}

const noSigns = indexSigns({ runbooks: [], rows: new Map() })

function explain(signs: SignIndex, log: string, known: KnownLines | null = null) {
  const explaining = explainer(signs, known ? { novelty: { green: known } } : {})
  explaining.feed(new TextEncoder().encode(log))
  return explaining.end({ kind: 'file', name: 'log', outcome: 'failed' })
}
