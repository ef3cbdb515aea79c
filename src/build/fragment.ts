import { addVertex, type Build } from './build.ts'
import type { Scene } from './scene.ts'

type Lines = { text: string; number: number }[]

/** Gives them once. */
export type Orphans = () => Lines

/**
 * A text in which no dialect found anything of its own may still be the output of a step, cut out of its build: for
 * certain when its lines carry BuildKit's times, probably when they name paths of a container and none of a machine. Of a
 * few lines that a tool wrote nobody can tell; returns true for such.
 */
export function adoptFragment(scene: Scene, orphans: Lines): boolean {
  const timed = orphans.filter(({ text }) => timedLine.test(text))
  if (timed.length >= 2 && timed.length * 2 >= orphans.length) {
    adoptOutput(scene, scene.enter('buildkit', orphans[0]?.number ?? 1), orphans, '')
    return false
  }
  const contained = writtenInContainer(orphans)
  if (!contained && !isOfToolsOnly(orphans)) return false
  for (const { text, number } of orphans) scene.emit(text, number, 'step', null)
  return !contained
}

/**
 * Of a log that begins inside the failed step's output no header is left, only lines with their times; or, where
 * whoever quoted them took the times off, only the closing error that speaks of a command.
 */
export function adoptOutput(scene: Scene, build: Build, orphans: Lines, closing: string): void {
  const first = orphans.find(({ text }) => timedLine.test(text)) ?? (commandFailed.test(closing) ? orphans[0] : null)
  if (!first) return
  adoptLines(scene, build, orphans)
}

/** The lines become the output of a step without a name. */
export function adoptLines(scene: Scene, build: Build, lines: Lines): void {
  const vertex = addVertex(build, '#0', '', lines[0]?.number ?? build.firstLine)
  vertex.name.kind = 'step'
  vertex.spoke = lines.length > 0
  for (const { text, number } of lines) scene.emit(text.replace(timedLine, ''), number, 'step', vertex)
}

const commandFailed = /did not complete successfully: exit code: |executor failed running \[/

/** `3.214 text`, `#9 3.214 text`, and empty lines of output. */
const timedLine = /^ {0,2}(?:#\d+ )?\d+\.\d{1,3}(?: |$)/

function writtenInContainer(lines: Lines): boolean {
  return lines.some(({ text }) => containerPath.test(text)) && !lines.some(({ text }) => ofMachine.test(text))
}

/** A few lines, quoted alone, and none of a client, a daemon, a cluster, a runner or a shell in which somebody types. */
function isOfToolsOnly(lines: Lines): boolean {
  return lines.length <= linesQuoted && !lines.some(({ text }) => ofMachine.test(text) || ofOthers.test(text))
}

const linesQuoted = 40

const ofOthers =
  /\b(?:docker|podman|buildx?|buildah|containerd|dockerd|kubelet|kubectl|nerdctl|daemon|pods?|runner|jenkins|sudo|workflow|login|logging in|image|manifest|token)\b|\/v2\/|^(?:\$|\+{1,3}|>|#|%|❯|➜) \S|^\S{1,60}[$#%] \S|^(?:\[?\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|\s*[{}]|(?:INFO|WARN|ERRO|FATA|DEBU)\[|time=|level=)/i

const containerPath =
  /(?:^|[\s'"(=:`])\/(?:usr\/src|app|root|code|workspace|src|sln|opt|build|var\/www|go\/(?:src|pkg)|home\/node|usr\/share\/dotnet|usr\/local\/(?:lib|bundle|cargo)|tmp\/pip-\w)[-\w]*\//

/** A home or drive of a machine, a container that somebody started, output of running services, Jenkins. */
const ofMachine =
  /(?:^|[\s'"(=:`])(?:\/home\/(?!node\b|app\b)\w|\/Users\/\w|[A-Z]:\\)|\bdocker(?:-compose| compose)? (?:.{0,80} )?(?:run|up|exec|logs)\b|^[\w.-]+ +\| |^Build step '|^Started by user|^\[Pipeline\] |^\[\S+\] \$ /
