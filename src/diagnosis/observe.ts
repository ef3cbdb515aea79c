import type { LogReading } from '../build/read-log.ts'
import type { Hit } from './match.ts'
import { observeCache } from './observe-cache.ts'
import { observeImages } from './observe-images.ts'
import type { Observed } from './observed.ts'
import type { Row } from './runbook.ts'
import type { Observable } from './runbook-sign.ts'

/** An observation that a row asks for, as if a line had said it. */
export type ObservedHit = Omit<Hit, 'place'> & { place: 'observed' }

export function observe(reading: LogReading): Observed[] {
  return [...builders(reading), ...observeCache(reading), ...observeImages(reading)]
}

/** The builder works on the disk of the machine that runs the job: in its engine, or in a container of it. */
function builders({ builds }: LogReading): Observed[] {
  return builds
    .filter(({ builder, driver }) => builder === 'classic' || driver === 'docker' || driver === 'docker-container')
    .map((build) => ({
      name: 'builder-on-runner',
      build,
      vertex: null,
      line: build.firstLine,
      // how the log puts it is not kept
      text: '',
      captures: {},
    }))
}

export function observedHits(reading: LogReading, rows: Iterable<Row>): ObservedHit[] {
  const seen = observe(reading)
  if (seen.length === 0) return []
  return [...rows].flatMap((row) =>
    (['sign', 'all', 'unless'] as const).flatMap((role) =>
      wantedBy(row, role).flatMap((name, index) =>
        seen.filter((one) => one.name === name).map((one) => hitOf(row, role, index, one, reading)),
      ),
    ),
  )
}

function wantedBy(row: Row, role: Hit['role']): (Observable | null)[] {
  const signs = role === 'sign' ? row.signs : row[role].map(({ sign }) => sign)
  return signs.map((sign) => (sign.kind === 'observed' ? sign.name : null))
}

function hitOf(row: Row, role: Hit['role'], index: number, seen: Observed, { jobSteps }: LogReading): ObservedHit {
  const { build, vertex, line, text, captures } = seen
  const jobStep = build.jobStep === null ? null : (jobSteps[build.jobStep] ?? null)
  return { row, role, index, line, text, captures, build, vertex, jobStep, place: 'observed' }
}
