import { type Build, newBuild, type Vertex } from './build.ts'
import type { JobStepTracker } from './job-steps.ts'
import type { Place, PlacedLine } from './place.ts'
import { keyVeil } from './redact.ts'

/**
 * Where the reader stands in a log: which build is being told, whose output goes on. The readers of the dialects share
 * it; each is asked in turn whether a line is its own.
 */
export type Scene = {
  build: Build | null
  /** whose output an unprefixed line continues */
  talking: Vertex | null
  /** the line that is being read, as it came; '' where there are no lines */
  raw: string
  /** a blank line came just before */
  afterBlank: boolean
  /** the latest command line that an action echoed */
  command: string | null
  commandLine: number | null
  /** inside one of the blocks that repeat a failed vertex's output */
  inBlock: boolean
  /** counts the breaks in the story: a build left, a line of the runner's */
  breaks: number
  readonly jobs: JobStepTracker
  /** the newest builds; of a log with more than `buildsKept` the older ones are forgotten */
  readonly builds: Build[]
  forgotten: number
  /** A build begins; returns it. */
  enter(builder: Build['builder'], line: number): Build
  leave(): void
  /** A build that was being told beside others goes on. */
  resume(build: Build, talking: Vertex): void
  emit(text: string, number: number, place: Place, vertex: Vertex | null): void
  /** inside a private key: what is emitted is masked by what came before it */
  veiled(): boolean
}

/** Is the line this dialect's? Then it has been read. */
export type DialectReader = (text: string, number: number) => boolean

/** More than one job runs; and more vertices than they have, over all but the newest build. */
const buildsKept = 300
const verticesKept = 20_000

export function openScene(jobs: JobStepTracker, onLine: (line: PlacedLine) => void): Scene {
  const veil = keyVeil()
  /** vertices of all builds but the newest */
  let through = 0

  function forgetOldest(): void {
    through -= scene.builds.shift()?.vertices.size ?? 0
    scene.forgotten++
  }

  const scene: Scene = {
    build: null,
    talking: null,
    raw: '',
    afterBlank: true,
    command: null,
    commandLine: null,
    inBlock: false,
    breaks: 0,
    jobs,
    builds: [],
    forgotten: 0,
    enter(builder, line) {
      const step = jobs.current()
      const build = newBuild(builder, line)
      build.jobStep = step ? jobs.steps.indexOf(step) : null
      build.command = scene.command
      build.commandLine = scene.commandLine
      if (step) step.docker = true
      scene.build = build
      scene.talking = null
      through += scene.builds.at(-1)?.vertices.size ?? 0
      scene.builds.push(build)
      while (scene.builds.length > buildsKept || through > verticesKept) forgetOldest()
      return build
    },
    leave() {
      scene.build = null
      scene.talking = null
      scene.breaks++
    },
    veiled: veil.drawn,
    resume(build, talking) {
      scene.talking = talking
      if (build === scene.build) return
      scene.build = build
      // the build that spoke last stands last
      const index = scene.builds.indexOf(build)
      if (index >= 0) scene.builds.push(...scene.builds.splice(index, 1))
    },
    emit(text, number, place, vertex) {
      onLine({ number, text: veil(text), place, build: scene.build, vertex, jobStep: jobs.current() })
    },
  }
  return scene
}

/** The build of this builder that is being told; a new one when there is none, or when that one has ended. */
export function buildOf(scene: Scene, builder: Build['builder'], line: number): Build {
  if (scene.build?.builder === builder && !scene.build.finalError) return scene.build
  scene.leave()
  return scene.enter(builder, line)
}
