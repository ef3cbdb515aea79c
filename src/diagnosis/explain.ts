import type { Build } from '../build/build.ts'
import type { PlacedLine } from '../build/place.ts'
import { type LogReader, type LogReading, logReader } from '../build/read-log.ts'
import { joinRecords } from '../build/record/join-records.ts'
import type { BuildRecord } from '../build/record/record.ts'
import { tellRecords } from '../build/record/tell-record.ts'
import { redact } from '../build/redact.ts'
import { logRedactor, type RedactOptions } from '../build/redact-log.ts'
import { cleanReading } from '../build/redact-reading.ts'
import { type Evidence, noEvidence } from '../cache/evidence.ts'
import { type Candidate, candidates } from './candidates.ts'
import { capturesOf, causeOf } from './cause.ts'
import { confidenceOf, fallbackRank } from './confidence.ts'
import { excerptOf, type KeptLine } from './excerpt.ts'
import type { Cause, Explanation } from './explanation.ts'
import { type Failure, findFailure } from './failure.ts'
import { indexSigns, type Matcher, type SignIndex } from './match.ts'
import { missCauses } from './miss-causes.ts'
import { type KnownLines, newLines, tellingLines } from './novelty.ts'
import { observedHits } from './observe.ts'
import { type Outcome, outcomeOf, saysItFailed } from './outcome.ts'
import { redactedHits, redactedLines } from './redacted.ts'
import type { Catalogue } from './runbooks.ts'
import { type StepTimes, stepTimes, summariseBuild } from './summarise.ts'
import { type TailLine, type Tails, tails } from './tails.ts'
import { type LinesOf, unexplained } from './unexplained.ts'

/**
 * A log on its way to an explanation: fed in any slices, asked once at the end. `signs` are the indexed signs of the
 * catalogue; build them once with `indexSigns` and use them for every log.
 */
export type Explainer = {
  feed(chunk: Uint8Array): void
  /** Build records in place of a log; `bytes` is the size of the file they came in. */
  tell(records: BuildRecord[], bytes: number): void
  /** When the log is fed: the records of its builds win over what it shows. Returns those that fit none of them. */
  join(records: BuildRecord[]): BuildRecord[]
  /** May be asked again when more was learnt. */
  end(source: SourceName, learnt?: Learnt): Explanation
  /** the builds of the log as they were read, so that what they were made from can be looked for */
  builds(): Build[]
  /** after `end`: what the signs of the first diagnosis captured */
  captures(): Record<string, string>
  /** after `end`: when the steps of its builds started and ended, as far as that is told */
  times(): StepTimes[]
  /** after `end`: the log in short, to be explained again when a rule has changed */
  excerpt(): string
}
/** What was found out when the log was read already. */
export type Learnt = {
  /** what the job writes when all is well */
  green?: KnownLines | null
  /** what tells why steps missed their cache */
  evidence?: Evidence
}
export type SourceName = {
  kind: Explanation['source']['kind']
  name: string
  truncated?: boolean
  missing?: string[]
  /** how it ended, when GitHub has said so and the log may not */
  outcome?: Outcome
}

export type ExplainOptions = {
  /** hears of every line: none is passed over unread */
  onLine?: (line: PlacedLine) => void
  /** every line is looked at, for those that the job does not write when all is well, as far as `green` knows */
  novelty?: { green: KnownLines | null }
  redaction?: RedactOptions | undefined
}

export function explainer(signs: SignIndex, { onLine, novelty, redaction }: ExplainOptions = {}): Explainer {
  const redactor = logRedactor(redaction)
  const matcher: Matcher = redactedHits(signs.matcher(), redactor)
  const tail: Tails = redactedLines(tails(), redactor)
  const fresh = novelty && redactedLines(newLines(novelty.green), redactor)
  const skim = !onLine && !fresh ? { index: signs.skim, onRun: tail.readRun } : null
  const hear = (line: PlacedLine) => {
    redactor.learn(line.text)
    matcher.read(line)
    tail.read(line)
    fresh?.read(line)
    onLine?.(line)
  }
  const reader: LogReader = logReader(hear, skim)
  let reading: LogReading | null = null
  let captures: Record<string, string> = {}
  return {
    feed(chunk) {
      reader.feed(chunk)
      tail.settle()
    },
    tell(records, bytes) {
      reading = tellRecords(records, bytes, hear)
    },
    join(records) {
      reading ??= reader.end()
      return joinRecords(reading, records)
    },
    end(source, { green = null, evidence = noEvidence } = {}) {
      reading ??= reader.end()
      // what will be quoted teaches too, though it may have been passed over when it was read
      for (const { text } of keptLines(reading, matcher, tail)) redactor.learn(text)
      cleanReading(reading, redactor)
      const linesOf: LinesOf = (owner, but) => {
        const own = fresh?.of(owner, green) ?? []
        const lines = (all: TailLine[]) => all.filter(({ line }) => line !== but)
        return lines(own).length > 0 ? lines(own) : lines(tail.of(owner))
      }
      const told = explanationOf(reading, { matcher, tail, linesOf, signs, evidence }, source)
      captures = told.captures
      return told.explanation
    },
    builds: () => {
      reading ??= reader.end()
      return reading.builds
    },
    captures: () => captures,
    times: () => reading?.builds.flatMap(stepTimes) ?? [],
    excerpt: () => (reading ? excerptOf(reading, keptLines(reading, matcher, tail)) : ''),
  }
}

/** The signs that were found, and the last words of whatever failed. */
function keptLines(reading: LogReading, matcher: Matcher, tail: Tails): KeptLine[] {
  const failure = findFailure(reading, outcomeOf(reading))
  const { vertex = null, build = null, jobStep = null } = failure ?? {}
  const lines = new Map<number, KeptLine>()
  for (const hit of matcher.hits()) lines.set(hit.line, { ...hit, number: hit.line })
  for (const owner of new Set([vertex, build, jobStep, null]))
    for (const { line, text } of tail.of(owner).slice(-excerptTail))
      if (!lines.has(line))
        lines.set(line, {
          number: line,
          text,
          place: vertex === owner ? 'step' : 'client',
          build,
          vertex: owner === vertex ? vertex : null,
        })
  return [...lines.values()]
}

const excerptTail = 60

const indexed = new WeakMap<Catalogue, SignIndex>()

/** For short texts and tests. */
export function explainText(text: string, catalogue: Catalogue): Explanation {
  const signs = indexed.get(catalogue) ?? indexSigns(catalogue)
  indexed.set(catalogue, signs)
  const explaining = explainer(signs)
  explaining.feed(new TextEncoder().encode(text))
  return explaining.end({ kind: 'file', name: 'text' })
}

type Heard = { matcher: Matcher; tail: Tails; linesOf: LinesOf; signs: SignIndex; evidence: Evidence }

function explanationOf(reading: LogReading, heard: Heard, source: SourceName) {
  const { matcher, tail, linesOf, signs, evidence } = heard
  const told = source.outcome ?? outcomeOf(reading)
  const seen = told === 'unknown' && saysItFailed(lastLines(reading, tail)) ? 'failed' : told
  const failure = findFailure(reading, seen)
  const found = candidates([...matcher.hits(), ...observedHits(reading, signs.rows)], failure)
  // outside a job and without a build, a client's fatal word is all there is to tell that it failed
  const outcome: Outcome = seen === 'unknown' && found[0]?.fatal ? 'failed' : seen
  const builds = reading.builds.map((build) => ({ build, summaries: summariseBuild(build, evidence, signs.triggers) }))
  const byMisses = missCauses(builds, signs.rows)
  const [diagnosis, ...others] = joined(causes(reading, { found, failure, outcome, linesOf }), byMisses)
  const explanation: Explanation = {
    version: 1,
    source: {
      kind: source.kind,
      name: source.name,
      bytes: reading.bytes,
      lines: reading.lines,
      truncated: source.truncated ?? reading.incomplete,
    },
    outcome,
    docker: reading.builds.length > 0 || reading.quietDigest,
    diagnosis: diagnosis ?? null,
    others,
    builds: builds.flatMap(({ summaries }) => summaries),
    missing: (source.missing ?? []).map(redact),
  }
  const first = found.find(({ row }) => row.id === diagnosis?.id)
  return { explanation, captures: first ? capturesOf(first) : {} }
}

/** What the misses show comes after what lines say; of one cause what was compared is surer than what a line hints at. */
function joined(causes: Cause[], byMisses: Cause[]): Cause[] {
  const surer = causes.map((cause) => byMisses.find((one) => one.id === cause.id && !isSurer(cause, one)) ?? cause)
  return [...surer, ...byMisses.filter(({ id }) => !causes.some((cause) => cause.id === id))].slice(0, othersShown + 1)
}

function isSurer(cause: Cause, other: Cause): boolean {
  return cause.confidence >= other.confidence
}

/** What a build, whatever of it was still going on, and nobody in particular wrote last. */
function lastLines({ builds }: LogReading, tail: Tails): TailLine[] {
  const build = builds.at(-1)
  if (!build) return []
  const open = [...build.vertices.values()].filter(({ status }) => status === 'unfinished')
  return [null, build, ...open].flatMap((owner) => tail.of(owner).slice(-3)).sort((a, b) => a.line - b.line)
}

const othersShown = 6

type Findings = { found: Candidate[]; failure: Failure | null; outcome: Outcome; linesOf: LinesOf }

function causes(reading: LogReading, { found, failure, outcome, linesOf }: Findings): Cause[] {
  const own = failure?.vertex ? linesOf(failure.vertex, failure.vertex.errorLine) : []
  // an exit code alone shows nothing: there the lines are all that tells
  const telling = (most: number) => tellingLines(own, { bytes: reading.bytes, most })
  const apart = found.filter((candidate, index) => !found.slice(0, index).some((better) => covers(better, candidate)))
  const known = apart.map((candidate) =>
    causeOf(
      candidate,
      confidenceOf(candidate, found, outcome !== 'unknown'),
      failure,
      telling(candidate.rank <= fallbackRank ? 9 : 3),
    ),
  )
  const specific = known.filter((_, index) => (apart[index]?.rank ?? 0) > fallbackRank)
  if (outcome !== 'failed' || !failure || found[0]?.fatal) {
    const first = outcome === 'unknown' && !found[0]?.fatal ? specific : known
    return [...first.slice(0, 1), ...specific.filter((cause) => cause !== first[0])].slice(0, othersShown + 1)
  }
  return [unexplained(reading, failure, linesOf), ...specific].slice(0, othersShown + 1)
}

/** The lesser row read the same lines: another name for the same thing, not another cause. */
function covers(better: Candidate, lesser: Candidate): boolean {
  const lines = new Set(signLines(better))
  return better.fatal === lesser.fatal && signLines(lesser).every((line) => lines.has(line))
}

function signLines({ hits }: Candidate): number[] {
  return hits.filter(({ role }) => role === 'sign').map(({ line }) => line)
}
