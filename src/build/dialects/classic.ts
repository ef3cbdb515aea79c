import { addVertex, type Build, failVertex, finishVertex, type Vertex } from '../build.ts'
import type { Marks } from '../marks.ts'

/**
 * The classic Docker builder (moby `builder/dockerfile`): `Step 3/7 : COPY …`, a linear list over all stages. Buildah
 * and podman print the same story as `[1/2] STEP 3/7: COPY …` (buildah `imagebuildah/stage_executor.go`).
 */
export type StepLine = {
  position: string
  number: number
  first: boolean
  last: boolean
  /** lines of one lane follow each other: the stage, or how many steps the build has */
  lane: string
  instruction: string
}

export const classicMarks: Marks = {
  begins: [
    ...['Step ', 'STEP ', 'Successfully ', '---> ', '--> ', 'Removing intermediate container '],
    ...['COPY failed', 'ADD failed', 'ERROR', 'Error', 'error ', 'failed to ', 'cannot ', 'unable to ', 'OCI runtime '],
  ],
  contains: ['] STEP ', ' returned a non-zero code: ', ' failed to build'],
}

export function readStepLine(text: string): { builder: 'classic' | 'buildah'; step: StepLine } | null {
  const classic = /^Step (\d+)(?:\/(\d+))? : (.*)$/.exec(text)
  if (classic) {
    const [, position = '', total = '', instruction = ''] = classic
    const number = Number(position)
    const lane = `of ${total}`
    return {
      builder: 'classic',
      step: { position, number, first: number === 1, last: position === total, lane, instruction },
    }
  }
  const buildah = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)(?:\/(\d+))?: (.*)$/.exec(text)
  if (!buildah) return null
  const [, lane = '1', position = '', total = '', instruction = ''] = buildah
  const number = Number(position)
  const first = lane === '1' && number === 1
  return {
    builder: 'buildah',
    step: { position: `${lane}.${position}`, number, first, last: position === total, lane, instruction },
  }
}

export function addClassicStep(build: Build, step: Pick<StepLine, 'position' | 'instruction'>, line: number): Vertex {
  const vertex = addVertex(build, step.position, step.instruction, line)
  vertex.name = {
    kind: /^FROM\b/i.test(step.instruction) ? 'from' : 'step',
    tokens: [],
    platform: null,
    ordinal: Number(step.position.split('.').at(-1)),
    total: null,
    instruction: step.instruction,
  }
  return vertex
}

/** `--> Cache pulled from remote REPO:KEY`, `--> Pushing cache REPO:KEY` (buildah with `--cache-from`, `--cache-to`). */
export function readLayerTransfer(text: string): { kind: 'import' | 'export'; layer: string } | null {
  const [, said, layer] = /^--> (Cache pulled from remote|Pushing cache) (\S+)$/.exec(text) ?? []
  if (said === undefined || layer === undefined) return null
  return { kind: said === 'Pushing cache' ? 'export' : 'import', layer }
}

/**
 * What a line under a step says of it: it was cached, it is through, it failed, or it is output. Only a command has
 * output: under any other step words of trouble are the builder's, though a next step may show that they did not end it.
 * `beside`: others speak at the same time, so that a line may be somebody else's.
 */
export function readUnderStep(
  vertex: Vertex,
  text: string,
  line: number,
  beside: boolean,
): 'state' | 'output' | 'failed' | 'troubled' {
  if (/^(?: ?---|--)> Using cache\b/.test(text)) {
    finishVertex(vertex, 'cached')
    return 'state'
  }
  if (stateLine.test(text)) {
    if (vertex.status === 'unfinished' && /^ ?---> [0-9a-f]|^--> [0-9a-f]/.test(text)) finishVertex(vertex, 'done')
    return 'state'
  }
  if (vertex.status !== 'unfinished') return 'output'
  if (saysCommandFailed(text) || failures.some((shape) => shape.test(ofService(text)))) {
    failVertex(vertex, text, line)
    return 'failed'
  }
  if (vertex.name.kind === 'from' && pullFailure.test(text) && !pulling.test(text)) {
    failVertex(vertex, text, line)
    return 'failed'
  }
  if (!beside && isMute(vertex) && trouble.test(text) && !pulling.test(text)) {
    failVertex(vertex, text, line)
    return 'troubled'
  }
  return 'output'
}

const stateLine =
  /^ ?---> (?:[0-9a-f]{8,}|Running in |Removed intermediate)|^--> [0-9a-f]{8,}\s*$|^Removing intermediate container /

/** The step is through or has just begun to run, so nothing before this line ended it. */
export function saysState(text: string): boolean {
  return stateLine.test(text)
}

/** A step that prints nothing of its own. */
export function isMute(vertex: Vertex): boolean {
  return !/^(?:ONBUILD )?RUN\b/i.test(vertex.name.instruction)
}

/** `ERROR: Service 'web' failed to build: COPY failed: …` → `COPY failed: …` (docker-compose 1) */
function ofService(text: string): string {
  return text.replace(/^(?:ERROR: )?Service '[^']{1,100}' failed to build ?: ?/, '')
}

const trouble =
  /\b(?:error|errors|fail|failed|failure|fatal|cannot|can't|could ?n[o']t|can not|unable|denied|invalid|unknown|unauthorized|forbidden|unexpected|unsupported|missing|refused|timeout|timed out|toomanyrequests|no such|not found|not a directory|not exist|not an? |no space|lstat|EOF)\b/i

const pulling =
  /^(?:\S+: Pulling from |[0-9a-f]{12}: |Digest: |Status: |Trying to pull |Getting image |Copying (?:blob|config) |Writing manifest|Storing signatures|# Executing |\[?WARN|(?:SECURITY )?WARNING|DEPRECATED|Download|Extracting)/i

/** `Successfully built ID` (classic), `Successfully tagged …` (both). */
export function saysSuccess(text: string): boolean {
  return /^Successfully (?:built [0-9a-f]{8,}|tagged )/.test(text)
}

export function saysCommandFailed(text: string): boolean {
  return text.includes(' returned a non-zero code: ') && commandFailure.test(text)
}

/** `The command '/bin/sh -c npm ci' returned …` → `npm ci` */
export function commandIn(text: string): string {
  return (commandFailure.exec(text)?.[1] ?? '').replace(/^\/bin\/sh -c /, '').trim()
}

/** The step that a closing error names, as far as it does, in a log that does not show it. */
export function closingStep(text: string): { builder: 'classic' | 'buildah'; instruction: string } | null {
  if (saysCommandFailed(text)) return { builder: 'classic', instruction: `RUN ${commandIn(text)}` }
  const transferred = /^(COPY|ADD) failed: /.exec(ofService(text))?.[1]
  if (transferred !== undefined) return { builder: 'classic', instruction: transferred }
  const instruction = buildahFailure.exec(text)?.[1]
  const told = instruction ?? buildahWrapped.exec(text)?.[1]
  return told === undefined ? null : { builder: 'buildah', instruction: told }
}

const buildahFailure =
  /^(?:ERROR|Error): (?:error )?building at STEP "(.*)": (?:(?:error )?while running |exit status )/

/** The terminal, or a mail, broke the line within the instruction. */
const buildahWrapped = /^(?:ERROR|Error): (?:error )?building at STEP "(RUN [^"]{8,})$/

/** Whoever ran the builder (compose, the runner's actions, a script, a Maven plugin) may put words of its own before it. */
const commandFailure = /^.{0,160}?\bThe command ['[](.*)['\]] returned a non-zero code: \d+/s

const failures = [
  /^(?:COPY|ADD) failed: /,
  /^(?:ERROR|Error): building at STEP /,
  /^(?:ERROR|Error): (?:error )?building at STEP /,
  /^Error: (?:committing|creating build|error building|while running) /,
  /^(?:Error response from daemon: )?(?:failed to |cannot |unable to |OCI runtime |error creating |Error processing tar file)/,
]

const pullFailure =
  /denied|not found|manifest unknown|no matching manifest|toomanyrequests|unauthorized|invalid reference|timeout|no such host|error pulling|^Error\b|^Get "?https?:/i
