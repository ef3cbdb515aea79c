import { addVertex, type Build, failVertex, finishVertex, newBuild, type Vertex } from './build.ts'
import { addClassicStep, commandIn, readStepLine, readUnderStep, saysCommandFailed, saysSuccess } from './classic.ts'
import { undress } from './dress.ts'
import { type JobStep, jobStepTracker } from './job-steps.ts'
import { readKanikoFailure, readKanikoMessage, readKanikoPrefix, speaksKaniko } from './kaniko.ts'
import { lineSplitter } from './log-lines.ts'
import { type Place, type PlacedLine, placeOf } from './place.ts'
import { readPlainLine, vertexNumber } from './plain.ts'
import { looksRaw, readRawLine } from './rawjson.ts'
import { closingReader } from './solve-error.ts'
import { readFrameHeader, readTtyRow } from './tty.ts'

/** All that a log says of the job and of the image builds in it. */
export type LogReading = {
  bytes: number
  lines: number
  builds: Build[]
  jobSteps: JobStep[]
  /** last lines of the log that are not blank, undressed, newest last */
  lastLines: { number: number; text: string }[]
  /** the whole log is an image digest, all that `docker build --quiet` prints */
  quietDigest: boolean
  /** lines too long to be kept whole */
  clippedLines: number
}

/**
 * The log reader: a machine that is fed bytes in any slices and hands each line, undressed and with its place, to
 * `onLine` as it comes. It keeps what the builds did, never the log. It does not fail: what it cannot place is a line
 * of the job.
 */
export type LogReader = { feed(chunk: Uint8Array): void; end(): LogReading }

export function logReader(onLine: (line: PlacedLine) => void): LogReader {
  const builds: Build[] = []
  const jobs = jobStepTracker()
  const closing = closingReader()
  const lastLines: { number: number; text: string }[] = []
  let build: Build | null = null
  /** whose output an unprefixed line continues */
  let talking: Vertex | null = null
  let afterBlank = true
  let finalLines = 0
  let command: string | null = null
  let digestLines = 0
  let otherLines = 0
  /** the last lines of a log that has shown no structure yet: it may turn out to begin inside a step */
  let orphans: { text: string; number: number }[] = []

  const splitter = lineSplitter((raw, number) => undress(raw, (text) => take(text, number)))

  function take(text: string, number: number): void {
    if (text === '' || text.trim() === '') {
      afterBlank = true
      finalLines = 0
      return
    }
    remember(text, number)
    read(text, number)
    afterBlank = false
  }

  function read(text: string, number: number): void {
    const steps = jobs.steps.length
    const own = jobs.read(text, number)
    if (jobs.steps.length !== steps) leaveBuild()
    if (own !== 'none') readOwn(own, text, number)
    else if (!readBuilderLine(text, number)) readLoose(text, number)
  }

  function readBuilderLine(text: string, number: number): boolean {
    if (text.charCodeAt(0) === 35 && readVertexLine(text, number)) return true
    return readOtherDialect(text, number) || readClosing(text, number)
  }

  function readOwn(own: 'header' | 'runner', text: string, number: number): void {
    talking = null
    closing.reset()
    finalLines = 0
    if (text.startsWith('[command]')) {
      command = text.slice(9)
      if (/\b(?:buildx (?:build|bake)|docker build|compose .*\bbuild)\b/.test(text)) leaveBuild()
    }
    if (own === 'runner') emit(text.replace(/^##\[\w+\]/, ''), number, 'runner', null)
  }

  /** `#7 …`: BuildKit's plain progress. */
  function readVertexLine(text: string, number: number): boolean {
    const vertexLine = vertexNumber(text)
    if (!vertexLine) return false
    const rest = text.slice(vertexLine.rest)
    if (startsAnew(vertexLine.number, rest)) leaveBuild()
    if (build?.builder !== 'buildkit') {
      // a Markdown heading or a comment of a script is no vertex
      if (!opensPlain(vertexLine.number, rest)) return false
      enterBuild(newBuild('buildkit', number))
    }
    const current = build as Build | null
    if (!current) return false
    current.lastLine = number
    const told = readPlainLine(current, vertexLine.number, rest, number)
    if (!told) return true
    if (told.kind === 'builder') current.driver = told.driver
    else if (told.kind === 'output' || told.kind === 'error') {
      talking = told.vertex
      emit(told.text, number, placeOf(told.vertex), told.vertex)
    } else {
      talking = null
      if (told.kind === 'status') emit(told.text, number, placeOf(told.vertex), told.vertex)
      if (told.kind === 'state' && told.vertex.name.kind === 'image' && told.vertex.status === 'done')
        current.succeeded = true
    }
    return true
  }

  /** A new build counts from #1 (or #0) again; a resumed vertex #1 of the same build says its own name. */
  function startsAnew(vertex: number, rest: string): boolean {
    if (!build) return false
    if (vertex === 0) return rest.startsWith('building with ')
    if (vertex !== 1) return false
    const first = build.vertices.get('#1')
    if (!first) return build.builder !== 'buildkit'
    if (build.finalError || build.succeeded) return rest !== '...' && !/^(?:DONE|CACHED|ERROR|CANCELED|\d)/.test(rest)
    return (
      /^\[.*\] load (?:build definition|local bake|\.dockerignore|remote bake)/.test(rest) &&
      first.status !== 'unfinished' &&
      build.vertices.size > 3
    )
  }

  function readOtherDialect(text: string, number: number): boolean {
    return readClassic(text, number) || readTty(text, number) || readRaw(text, number) || readKaniko(text, number)
  }

  function readClassic(text: string, number: number): boolean {
    const told = readStepLine(text)
    if (told) {
      const again = told.step.first || build?.vertices.has(told.step.position)
      if (build?.builder !== told.builder || again || build.finalError) {
        leaveBuild()
        enterBuild(newBuild(told.builder, number))
      }
      if (!build) return true
      closeStep(talking)
      talking = addClassicStep(build, told.step, number)
      build.lastLine = number
      return true
    }
    if (build === null && orphans.length > 0 && saysCommandFailed(text)) adoptOrphans(text)
    if (build?.builder !== 'classic' && build?.builder !== 'buildah') return false
    if (saysSuccess(text)) {
      closeStep(talking)
      build.succeeded = true
      talking = null
      return true
    }
    if (!talking || build.finalError) return false
    build.lastLine = number
    const state = readUnderStep(talking, text, number)
    if (state === 'failed') build.finalError = { line: number, text }
    if (state !== 'state') emit(text, number, placeOf(talking), talking)
    if (state === 'failed') emit(text, number, 'error', talking)
    return true
  }

  /** The failed command is named, the step above it is not in the log: what stood before was its output. */
  function adoptOrphans(text: string): void {
    const own = orphans
    const instruction = `RUN ${commandIn(text)}`
    const line = own[0]?.number ?? 1
    const entered = enterBuild(newBuild('classic', line))
    talking = addClassicStep(entered, { position: '1', first: false, instruction }, line)
    for (const { text, number } of own) emit(text, number, 'step', talking)
  }

  function readTty(text: string, number: number): boolean {
    const frame = readFrameHeader(text)
    if (frame) {
      if (build?.builder !== 'buildkit' || build.finalError || (build.succeeded && !frame.finished)) {
        leaveBuild()
        enterBuild(newBuild('buildkit', number))
      }
      if (build && frame.finished) build.succeeded = true
      return true
    }
    if (!/^ ?=> /.test(text)) return false
    // a capture that was cut at its head has rows only
    if (!build && /^ ?=> (?:=> |(?:CACHED |ERROR |CANCELED )?\[)/.test(text)) enterBuild(newBuild('buildkit', number))
    if (build?.builder !== 'buildkit') return false
    const row = readTtyRow(build, talking, text, number)
    if (!row) return false
    build.lastLine = number
    if (row.kind === 'vertex') talking = row.vertex
    if (row.kind === 'output' && talking) {
      talking.spoke = true
      emit(row.text, number, placeOf(talking), talking)
    }
    return true
  }

  function readRaw(text: string, number: number): boolean {
    if (!looksRaw(text)) return false
    if (build?.builder !== 'buildkit' || build.finalError) {
      leaveBuild()
      enterBuild(newBuild('buildkit', number))
    }
    const current = build as Build | null
    if (!current) return false
    const output = readRawLine(current, text, number)
    if (!output) return false
    current.lastLine = number
    for (const { vertex, text } of output) emit(text, number, placeOf(vertex), vertex)
    return true
  }

  function readKaniko(text: string, number: number): boolean {
    const message = readKanikoPrefix(text)
    if (build?.builder !== 'kaniko') {
      if (message === null || !speaksKaniko(message)) return false
      leaveBuild()
      enterBuild(newBuild('kaniko', number))
    }
    const current = build as Build | null
    if (!current) return false
    current.lastLine = number
    if (message !== null) {
      talking = readKanikoMessage(current, message, talking, number)
      return true
    }
    if (readKanikoFailure(current, text, talking, number)) {
      emit(text, number, 'error', null)
      return true
    }
    if (!talking) return false
    talking.spoke = true
    emit(text, number, 'step', talking)
    return true
  }

  /** The blocks, excerpts and closing error of a BuildKit build. */
  function readClosing(text: string, number: number): boolean {
    if (finalLines > 0 && build?.finalError && !/^(?:View build details|Dockerfile|-{6}|\s*$)/.test(text)) {
      finalLines--
      build.finalError.text += `\n${text}`
      emit(text, number, 'error', null)
      return true
    }
    const told = closing.read(text)
    if (told.kind === 'none') return false
    if (told.kind === 'frame') {
      if (talking && /^[^\s:]+:\d+$/.test(text) && !afterBlank) return false
      return true
    }
    if (told.kind === 'final') return readFinal(told.text, number)
    if (!build) enterBuild(newBuild('buildkit', number))
    if (!build) return true
    if (told.kind === 'excerpt-end') build.excerpts.push(told.excerpt)
    else readBlockLine(build, told.vertexName, told.text, number)
    return true
  }

  /** The block repeats what the vertex printed; only a log that starts too late shows it here first. */
  function readBlockLine(current: Build, name: string, text: string, number: number): void {
    const vertex = findVertex(current, name) ?? addFromBlock(current, name, number)
    if (vertex.key.startsWith('#') && vertex.spoke) return
    emit(text, number, placeOf(vertex), vertex)
  }

  function readFinal(text: string, number: number): boolean {
    if (
      talking &&
      talking.status === 'unfinished' &&
      build?.builder === 'buildkit' &&
      !afterBlank &&
      !/failed to solve|failed to build|did not complete successfully|^executor failed/.test(text)
    ) {
      return false
    }
    if (build?.builder !== 'buildkit') enterBuild(newBuild('buildkit', number))
    if (!build) return true
    if (build.finalError && build.lastLine < number) build.finalError = null
    build.succeeded = false
    build.finalError ??= { line: number, text }
    build.lastLine = number
    finalLines = 20
    talking = null
    emit(text, number, 'error', null)
    return true
  }

  /** A line without a prefix: it continues a vertex's output, or is the client's or the job's. */
  function readLoose(text: string, number: number): void {
    if (
      build?.builder === 'buildkit' &&
      talking &&
      !build.finalError &&
      (!afterBlank || talking.status === 'unfinished')
    ) {
      if (!/^(?:WARNING: |WARN: | \d+ warnings? found| - \w+: )/.test(text)) {
        if (talking.error !== null && talking.status === 'failed' && talking.error.length < 4000)
          talking.error += `\n${text}`
        emit(text, number, placeOf(talking), talking)
        return
      }
    }
    if (/^sha256:[0-9a-f]{64}$/.test(text)) digestLines++
    else otherLines++
    const step = jobs.current()
    if (builds.length === 0 && step === null) {
      if (orphans.length >= orphansKept) orphans.shift()
      orphans.push({ text, number })
    }
    emit(text, number, step === null || step.docker || (build !== null && !build.finalError) ? 'client' : 'job', null)
  }

  function enterBuild(entered: Build): Build {
    const step = jobs.current()
    entered.jobStep = step ? jobs.steps.indexOf(step) : null
    entered.command = command
    if (step) step.docker = true
    build = entered
    builds.push(entered)
    talking = null
    orphans = []
    return entered
  }

  function leaveBuild(): void {
    if (build?.builder === 'classic' && build.succeeded) closeStep(talking)
    build = null
    talking = null
    finalLines = 0
    closing.reset()
  }

  function emit(text: string, number: number, place: Place, vertex: Vertex | null): void {
    onLine({ number, text, place, build, vertex, jobStep: jobs.current() })
  }

  function remember(text: string, number: number): void {
    lastLines.push({ number, text: text.length > 400 ? text.slice(0, 400) : text })
    if (lastLines.length > 60) lastLines.splice(0, 30)
  }

  return {
    feed: (chunk) => splitter.feed(chunk),
    end() {
      splitter.end()
      return {
        bytes: splitter.seen.bytes,
        lines: splitter.seen.lines,
        builds,
        jobSteps: jobs.steps,
        lastLines: lastLines.slice(-30),
        quietDigest: digestLines > 0 && otherLines === 0 && builds.length === 0,
        clippedLines: splitter.seen.clipped,
      }
    },
  }
}

const orphansKept = 300

/** Classic, buildah: the next step begins, so the one before is through. */
function closeStep(vertex: Vertex | null): void {
  if (vertex?.status === 'unfinished') finishVertex(vertex, 'done')
}

/** What the first vertex line of a BuildKit build looks like, also in a log that was cut at its head. */
function opensPlain(vertex: number, rest: string): boolean {
  if (vertex === 0) return rest.startsWith('building with ')
  return /^(?:\[[^\]]+\] |(?:importing|exporting) |resolve image config|docker-image:\/\/|(?:DONE|CACHED|CANCELED)\b|ERROR: |\d+\.\d{1,3} |sha256:|transferring |extracting |\.\.\.$)/.test(
    rest,
  )
}

/** By its full name, or by the part of it that a terminal had room for. */
function findVertex(build: Build, name: string): Vertex | null {
  let byHead: Vertex | null = null
  for (const vertex of build.vertices.values()) {
    if (vertex.text === name) return vertex
    if (vertex.text.length >= 30 && name.startsWith(vertex.text.replace(/\.\.\.$/, ''))) byHead = vertex
  }
  return byHead
}

function addFromBlock(build: Build, name: string, line: number): Vertex {
  const vertex = addVertex(build, `> ${name}`, name, line)
  failVertex(vertex, '', line)
  return vertex
}
