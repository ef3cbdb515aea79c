import { addVertex, type Build, failVertex, type Vertex } from './build.ts'
import { adoptOutput, type Orphans } from './fragment.ts'
import { placeOf } from './place.ts'
import type { DialectReader, Scene } from './scene.ts'
import { closingReader, isFinalError, isSureFinalError } from './solve-error.ts'
import { readVertexName } from './vertex-name.ts'

/** The end of a failed BuildKit build, told into the scene: repeated output, Dockerfile excerpts, the closing error. */
export function endReader(scene: Scene, orphans: Orphans): DialectReader & { idle(): boolean } {
  const closing = closingReader()
  let breaks = scene.breaks
  /** lines that the closing error may still go on for (an HTML page, advice of the client) */
  let moreLines = 0

  function readFinal(text: string, number: number): boolean {
    const { build, talking } = scene
    const midOutput = talking?.status === 'unfinished' && build?.builder === 'buildkit' && !scene.afterBlank
    // a program may print ERROR: too; the builder's own wording is beyond doubt
    if (midOutput && !isSureFinalError(text)) return false
    // what somebody repeats of a failed build is no other build
    if (build?.finalError && !isSureFinalError(text)) return false
    const ended = build?.builder === 'buildkit' ? build : scene.enter('buildkit', number)
    if (ended.vertices.size === 0 && scene.builds.length === 1) adoptOutput(scene, ended, orphans(), text)
    ended.finalError = { line: number, text }
    ended.succeeded = false
    ended.lastLine = number
    scene.talking = null
    moreLines = 20
    scene.emit(text, number, 'error', null)
    return true
  }

  /** nothing is open that the next line could belong to */
  const idle = () => breaks === scene.breaks && moreLines === 0 && !scene.inBlock && closing.idle()

  const read: DialectReader = (text, number) => {
    if (breaks !== scene.breaks) {
      breaks = scene.breaks
      moreLines = 0
      closing.reset()
      scene.inBlock = false
    }
    if (scene.afterBlank) moreLines = 0
    if (moreLines > 0 && scene.build?.finalError && !isAnothers(text)) {
      moreLines--
      scene.build.finalError.text += `\n${text}`
      scene.emit(text, number, 'error', null)
      return true
    }
    moreLines = 0
    const told = closing.read(text)
    scene.inBlock = closing.inBlock()
    if (told.kind !== 'none' && scene.talking?.status !== 'unfinished') scene.talking = null
    switch (told.kind) {
      case 'none':
        return false
      case 'frame':
        // `app.ts:12` in the output of a step is no excerpt
        return !(scene.talking && !scene.afterBlank && /^[^\s:]+:\d+$/.test(text))
      case 'block':
        blockVertex(buildOfEnd(scene, number), told.vertexName, number)
        return true
      case 'final':
        return readFinal(told.text, number)
      case 'excerpt-end':
        buildOfEnd(scene, number).excerpts.push(told.excerpt)
        return true
      case 'block-line':
        tellBlockLine(scene, told, number)
        return true
      default:
        return told satisfies never
    }
  }
  return Object.assign(read, { idle })
}

/** Not more of the closing error: the client, whoever ran it, the job or the next build speaks. */
function isAnothers(text: string): boolean {
  return anothers.test(text) || isFinalError(text)
}

const anothers =
  /^(?:View build details|-{6}$|The command |make(?:\[\d+\])?: |Step \d+\/|\[Pipeline\]|Finished: |Build step |Build failed|section_(?:start|end):|Cleaning up |Exited with |\+ |\$ |npm (?:ERR!|error) |error Command failed|(?:ERROR|Error): (?:Job|Service|script|Process|Command|build step|buildx) |exit status \d|Uploading artifacts|user command error|🚨|\[Container\] |\[\+\] |Traceback )/

/** An excerpt or block belongs to the build before it; in a log that begins with one, to a build not seen. */
function buildOfEnd(scene: Scene, number: number): Build {
  return scene.build ?? scene.enter('buildkit', number)
}

/** The block repeats what the vertex printed; only a log that starts too late shows it here first. */
function tellBlockLine(scene: Scene, told: { vertexName: string; text: string }, number: number): void {
  const build = buildOfEnd(scene, number)
  const vertex = blockVertex(build, told.vertexName, number)
  if (vertex.key.startsWith('#') && vertex.spoke) return
  scene.emit(told.text, number, placeOf(vertex), vertex)
}

/** A block names a vertex that failed, also when it repeats nothing of it; a log cut at its head may show it here only. */
function blockVertex(build: Build, name: string, line: number): Vertex {
  return findVertex(build, name) ?? christened(build, name) ?? failedVertex(build, name, line)
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

/** A failed vertex whose header is not in the log learns its name here. */
function christened(build: Build, name: string): Vertex | null {
  const nameless = [...build.vertices.values()].findLast((vertex) => vertex.text === '' && vertex.status === 'failed')
  if (!nameless) return null
  nameless.text = name
  nameless.name = readVertexName(name)
  // what it wrote before the log begins may stand in this block only
  nameless.spoke = false
  return nameless
}

function failedVertex(build: Build, name: string, line: number): Vertex {
  const vertex = addVertex(build, `> ${name}`, name, line)
  failVertex(vertex, '', line)
  return vertex
}
