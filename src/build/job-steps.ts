import { ownCopy } from './log-lines.ts'
import type { Marks } from './marks.ts'

/**
 * The steps of a GitHub Actions job as its log shows them: `##[group]Run …` opens one, its inputs or script stand in
 * the group, `##[error]` lines belong to it (actions/runner `Handlers/ScriptHandler.cs`, `OutputManager.cs`). Azure
 * Pipelines, of the same descent, opens its tasks with `##[section]Starting: …`.
 */
export type JobStep = {
  /** first line of the script, or `owner/action@ref`; '' when the log begins inside the step */
  name: string
  line: number
  /** lines of the group: inputs, script, environment; at most 200 */
  header: string[]
  /** `##[error]` lines, first and last few */
  errors: { line: number; text: string }[]
  /** a `Post …` step: cleans up, never the cause */
  post: boolean
  /** runs docker, buildx, compose, podman, buildah or kaniko, as far as its name, script and lines tell */
  docker: boolean
}

export type JobStepTracker = {
  steps: JobStep[]
  /** true when the line was the runner's own and needs no other reader */
  read(text: string, line: number): 'header' | 'runner' | 'none'
  current(): JobStep | null
  /** lines without `jobMarks` say nothing of the job any more */
  settled(): boolean
}

export const jobMarks: Marks = {
  begins: ['Run ', 'Error: ', 'Post job cleanup.', '[command]'],
  contains: ['##['],
}

export function jobStepTracker(): JobStepTracker {
  const steps: JobStep[] = []
  let inHeader = false
  let inEnvironment = false
  /** lines before any step: a log that was cut at its head, or none of a job */
  const opening = { lines: 0, docker: false }

  function open(name: string, line: number, post: boolean): void {
    if (steps.length >= stepsKept) return
    const docker = speaksDocker(name) || (name === '' && opening.docker)
    steps.push({ name: ownCopy(name), line, header: [], errors: [], post, docker })
  }

  function current(): JobStep | null {
    return steps.at(-1) ?? null
  }

  return {
    steps,
    current,
    settled: () => !inHeader && (steps.length > 0 || opening.docker || opening.lines >= openingLines),
    read(text, line) {
      if (text.startsWith('##[')) {
        const task = /^##\[section\]Starting: (.*)$/.exec(text)?.[1]
        if (task !== undefined) {
          open(task, line, false)
          return 'header'
        }
        // a log that was cut at its head begins inside a step
        if (steps.length === 0 && !text.startsWith('##[group]')) open('', 1, false)
        const group = /^##\[group\](.*)$/.exec(text)?.[1]
        if (group?.startsWith('Run ')) {
          open(group.slice(4), line, false)
          inHeader = true
          inEnvironment = false
          return 'header'
        }
        if (text.startsWith('##[command]')) {
          const step = current()
          if (step) step.docker ||= speaksDocker(text)
          return 'runner'
        }
        if (text.startsWith('##[endgroup]')) {
          inHeader = false
          return 'header'
        }
        if (group !== undefined) inHeader = false
        if (text.startsWith('##[error]')) noteError(current(), text.slice(9), line)
        return text.startsWith('##[error]') || text.startsWith('##[warning]') ? 'runner' : 'header'
      }
      if (inHeader) {
        const step = current()
        if (step && step.header.length < 200) step.header.push(ownCopy(text))
        // every step shows the job's environment: a registry's name there says nothing of this one
        if (/^(?:shell: |env:$)/.test(text)) inEnvironment = true
        if (step && !step.docker && !inEnvironment) step.docker = speaksDocker(text)
        return 'header'
      }
      if (pastedStep.test(text)) {
        open(text.slice(4), line, false)
        return 'header'
      }
      if (pastedError.test(text)) {
        if (steps.length === 0) open('', 1, false)
        noteError(current(), text.replace(/^ *(?:Error: )+/, ''), line)
        return 'runner'
      }
      if (steps.length === 0 && !opening.docker && opening.lines++ < openingLines) opening.docker = speaksDocker(text)
      if (text === 'Post job cleanup.') {
        open('Post job cleanup', line, true)
        return 'runner'
      }
      if (text.startsWith('[command]')) {
        const step = current()
        if (step && !step.docker) step.docker = speaksDocker(text)
        return 'runner'
      }
      return 'none'
    },
  }
}

/** How the page shows `##[group]Run …` and `##[error]…`, and so how people paste them. */
const pastedStep = /^Run [\w.-]+\/[\w./-]+@[\w.-]+$/
const pastedError =
  /^ {0,4}(?:Error: )+(?:Process completed with exit code \d+|The process '.*' failed with exit code \d+|buildx (?:bake )?(?:call )?failed with|The operation was canceled|buildah exited with code \d+|Docker (?:pull|build|login|run) failed with exit code \d+)/

const openingLines = 5000

/** GitHub allows fewer; a log that shows more is not a job's. */
const stepsKept = 2000

function noteError(step: JobStep | null, text: string, line: number): void {
  if (!step) return
  step.docker ||= speaksDocker(text)
  // a linter can annotate thousands of lines: the first ones and the last are enough
  if (step.errors.length >= 20) step.errors.pop()
  step.errors.push({ line, text: ownCopy(text) })
}

function speaksDocker(text: string): boolean {
  return /\b(?:docker(?!\.\w)|buildx|buildkit|docker-compose|podman|buildah|kaniko|nerdctl|earthly)\b/i.test(text)
}
