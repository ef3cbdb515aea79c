import type { Build } from './build.ts'
import { classicMarks, closingStep } from './dialects/classic.ts'
import { kanikoMarks, kanikoReader } from './dialects/kaniko.ts'
import { rawMarks, rawReader } from './dialects/rawjson.ts'
import { classicReader } from './dialects/read-classic.ts'
import { plainReader } from './dialects/read-plain.ts'
import { ttyReader } from './dialects/read-tty.ts'
import { ttyMarks } from './dialects/tty.ts'
import { undresser } from './dress.ts'
import { adoptFragment } from './fragment.ts'
import { type JobStep, jobMarks, jobStepTracker } from './job-steps.ts'
import { prefixMarks } from './line-prefix.ts'
import { lineSplitter } from './log-lines.ts'
import type { Marks } from './marks.ts'
import { type Place, type PlacedLine, placeOf } from './place.ts'
import { endReader } from './read-closing.ts'
import { veilMarks } from './redact.ts'
import { type DialectReader, openScene, type Scene } from './scene.ts'
import type { Run } from './skim/run.ts'
import { type Steady, steadyLoose, steadyVertex } from './skim/steady.ts'
import { type SkimIndex, skimIndex, skimmer } from './skim.ts'
import { closingMarks, isSureFinalError } from './solve-error.ts'

/** All that a log says of the job and of the image builds in it. */
export type LogReading = {
  bytes: number
  lines: number
  builds: Build[]
  jobSteps: JobStep[]
  /** the runner wrote its last words: the job is over, whatever came of it */
  jobEnded: boolean
  /** the whole log is an image digest, all that `docker build --quiet` prints */
  quietDigest: boolean
  /** a few lines that a tool wrote, quoted alone: of a build or not */
  isOfToolsOnly?: boolean
  /** not all of it was kept: a line too long, more builds than anybody would read of */
  incomplete: boolean
}

/**
 * The log reader: a machine that is fed bytes in any slices and hands each line, undressed and with its place, to
 * `onLine` as it comes. It keeps what the builds did, never the log. It does not fail: what it cannot place is a line
 * of the job.
 */
export type LogReader = { feed(chunk: Uint8Array): void; end(): LogReading }

/**
 * For a listener that wants only lines in which one of its literals stands, and lines at which the story takes a turn:
 * `onLine` gets these, the rest are told as runs. Otherwise every line is read.
 */
export type Skim = { index: SkimIndex; onRun(run: Run): void }

/** What to look for so that no line is passed over that stands at one of these places, or has one of these literals. */
export function skimFor(literals: string[], readWhole: ReadonlySet<Place> = new Set()): SkimIndex {
  return skimIndex({ literals, marks, readWhole })
}

export function logReader(onLine: (line: PlacedLine) => void, skim: Skim | null = null): LogReader {
  const jobs = jobStepTracker()
  const scene = openScene(jobs, onLine)
  const loose = looseLines(scene)
  const classic = classicReader(scene, loose.adopt)
  const raw = rawReader(scene)
  const end = endReader(scene, loose.adopt)
  const dialects: DialectReader[] = [
    plainReader(scene),
    classic,
    ttyReader(scene),
    raw,
    kanikoReader(scene, loose.adopt),
    end,
  ]
  let jobEnded = false

  function read(text: string, number: number): void {
    const steps = jobs.steps.length
    const own = jobs.read(text, number)
    // a step without a name began before the log did
    if (jobs.steps.length !== steps && jobs.current()?.name !== '') scene.leave()
    if (own !== 'none') {
      const marked = markedError(scene, text)
      if (marked !== null) dialects.some((isRead) => isRead(marked, number))
      readRunnerLine(scene, own, text, number)
    } else if (!dialects.some((isRead) => isRead(text, number))) loose.read(text, number)
    if (lastWords.test(text)) jobEnded = true
  }

  const undress = undresser()
  const readRaw = (raw: string, number: number) => {
    scene.raw = raw
    undress(raw, (text) => {
      const blank = text === '' || text.trim() === ''
      if (!blank) read(text, number)
      scene.afterBlank = blank
    })
  }
  const splitter = lineSplitter(readRaw)

  function steady(): Steady | null {
    if (!jobs.settled() || scene.veiled()) return null
    const speaks = steadyVertex(scene)
    if (speaks?.prefix) return speaks
    // bare lines could be anybody's
    if (undress.indented() || !classic.idle() || !raw.idle()) return null
    if (speaks) return speaks
    return end.idle() && loose.settled() ? steadyLoose(scene, loose.place()) : null
  }

  const skimming =
    skim && skimmer({ index: skim.index, splitter, scene, marks, read: readRaw, steady, onRun: skim.onRun })

  return {
    feed: (chunk) => (skimming ?? splitter).feed(chunk),
    end() {
      splitter.end()
      const isOfToolsOnly = scene.builds.length === 0 && jobs.steps.length === 0 && adoptFragment(scene, loose.adopt())
      return {
        bytes: splitter.seen.bytes,
        lines: splitter.seen.lines,
        builds: scene.builds,
        jobSteps: jobs.steps,
        jobEnded,
        quietDigest: loose.onlyDigests() && scene.builds.length === 0,
        isOfToolsOnly,
        incomplete: splitter.seen.clipped > 0 || scene.forgotten > 0,
      }
    },
  }
}

const logMarks: Marks = {
  begins: ['Cleaning up orphan ', 'Post job cleanup.', 'Evaluate and set '],
  contains: [],
}

/** What every dialect and the reader itself must see. */
const marks = [logMarks, jobMarks, classicMarks, ttyMarks, rawMarks, kanikoMarks, closingMarks, prefixMarks, veilMarks]

const lastWords = /^(?:Cleaning up orphan processes|Post job cleanup\.|Evaluate and set job outputs)/

/** Groups, annotations and echoed commands of the runner break whatever output was going on. */
function readRunnerLine(scene: Scene, own: 'header' | 'runner', text: string, number: number): void {
  scene.talking = null
  scene.breaks++
  const command = /^(?:##)?\[command\](.*)$/.exec(text)?.[1]
  if (command !== undefined) {
    scene.command = command
    scene.commandLine = number
    if (/\b(?:buildx (?:build|bake)|docker build|compose .*\bbuild)\b/.test(text)) scene.leave()
  }
  if (own !== 'runner') return
  scene.emit(text.replace(/^##\[\w+\]/, ''), number, 'runner', null)
  tellAnnotatedError(scene, text, number)
}

/** Azure marks what the builder writes to its error stream: the closing error is still the builder's. */
function markedError({ build }: Scene, text: string): string | null {
  if (!text.startsWith('##[error]') || build?.finalError) return null
  const error = text.slice('##[error]'.length)
  return !error.startsWith('buildx ') && (isSureFinalError(error) || closingStep(error) !== null) ? error : null
}

/**
 * The action's annotation quotes the last line of the builder's output. It is no more than an echo, and may be an
 * advice only, but of a log that holds nothing else it is the closing error.
 */
function tellAnnotatedError(scene: Scene, text: string, number: number): void {
  const error = /^(?:##\[error\]|Error: )buildx(?: bake)?(?: call)? failed with: ((?:ERROR|error): .*)$/.exec(text)?.[1]
  if (error === undefined || scene.builds.some((build) => build.finalError !== null)) return
  const build = scene.build ?? scene.enter('buildkit', number)
  build.finalError = { line: number, text: error }
  scene.emit(error, number, 'error', null)
}

/** Lines without a prefix that no dialect claims: more of a vertex's output, or the client's or the job's words. */
function looseLines(scene: Scene) {
  let digests = 0
  let others = 0
  /** the last lines of a log that has shown no structure yet: it may turn out to begin inside a step */
  let orphans: { text: string; number: number }[] = []

  function continues(text: string, number: number): boolean {
    const { build, talking } = scene
    if (build?.builder !== 'buildkit' || talking === null || build.finalError) return false
    if (scene.afterBlank && talking.status !== 'unfinished') return false
    if (/^(?:WARNING: |WARN: | \d+ warnings? found| - \w+: )/.test(text)) return false
    if (talking.status === 'failed' && talking.error !== null && talking.error.length < 4000)
      talking.error += `\n${text}`
    scene.emit(text, number, placeOf(talking), talking)
    return true
  }

  function place(): Place {
    const step = scene.jobs.current()
    const inBuild = scene.build !== null && !scene.build.finalError
    return step === null || step.docker || inBuild ? 'client' : 'job'
  }

  return {
    read(text: string, number: number): void {
      if (continues(text, number)) return
      if (/^sha256:[0-9a-f]{64}$/.test(text)) digests++
      else others++
      if (scene.builds.length === 0 && scene.jobs.current() === null) {
        if (orphans.length >= orphansKept) orphans.shift()
        orphans.push({ text, number })
      }
      scene.emit(text, number, place(), null)
    },
    place,
    /** lines are no orphans any more, and of no count */
    settled: () => others > 0 && (scene.builds.length > 0 || scene.jobs.current() !== null),
    adopt() {
      const adopted = orphans
      orphans = []
      return adopted
    },
    onlyDigests: () => digests > 0 && others === 0,
  }
}

const orphansKept = 300
