import type { Build } from '../build.ts'
import { jobStepTracker } from '../job-steps.ts'
import type { PlacedLine } from '../place.ts'
import type { LogReading } from '../read-log.ts'
import { openScene } from '../scene.ts'
import { statusTeller } from '../solve-status.ts'
import type { BuildRecord } from './record.ts'

/**
 * Tells records as a log would have told them, line by line, with the same result as a reading of that log. A record has
 * no lines of its own: they are numbered as they are told, each step, piece of progress, line of output and error one.
 * `bytes` is the size of the file that they came in.
 */
export function tellRecords(records: BuildRecord[], bytes: number, onLine: (line: PlacedLine) => void): LogReading {
  const jobs = jobStepTracker()
  const scene = openScene(jobs, onLine)
  const teller = statusTeller(scene)
  let lines = 0
  const nextLine = () => ++lines
  for (const record of failedLast(records)) {
    const build = scene.enter('buildkit', nextLine())
    for (const status of record.statuses) teller.tell(build, status, nextLine)
    closeByRecord(build, record)
    if (build.finalError) {
      build.finalError.line = nextLine()
      for (const [index, text] of build.finalError.text.split('\n').entries())
        scene.emit(text, index === 0 ? lines : nextLine(), 'error', null)
    }
    build.lastLine = lines
    scene.leave()
  }
  return {
    bytes,
    lines,
    builds: scene.builds,
    jobSteps: [],
    jobEnded: false,
    quietDigest: false,
    incomplete: scene.forgotten > 0,
  }
}

/** Of the builds of one call the failed one is what there is to explain. */
function failedLast(records: BuildRecord[]): BuildRecord[] {
  return records.toSorted((a, b) => Number(a.ended === 'failed') - Number(b.ended === 'failed'))
}

/** What a record knows of a build beside its steps. Closing words and excerpts that the log showed stay. */
export function closeByRecord(build: Build, { facts, ended, ending, lines }: BuildRecord): void {
  build.record = facts
  build.succeeded = ended === 'succeeded' && build.finalError === null
  for (const vertex of build.vertices.values())
    if (vertex.digest !== null) vertex.dockerfileLine ??= lines.get(vertex.digest) ?? null
  if (!ending) return
  build.finalError ??= { line: build.lastLine, text: `ERROR: failed to solve: ${ending.text}` }
  if (build.excerpts.length === 0) build.excerpts = ending.sources.map(({ excerpt }) => excerpt)
  build.fatal = [...build.vertices.values()].find(({ digest }) => digest !== null && digest === ending.vertex) ?? null
  if (build.fatal) build.fatal.dockerfileLine ??= build.excerpts.at(-1)?.marked[0]?.line ?? null
}
