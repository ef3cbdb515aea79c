import type { Build, Vertex } from './build.ts'
import type { JobStep } from './job-steps.ts'

/**
 * Where a line of a log stands. A sign of a failure is bound to places, so that what a program under test prints is not
 * taken for the builder's word, nor the other way round.
 */
export const places = ['step', 'error', 'import', 'export', 'push', 'metadata', 'client', 'runner', 'job'] as const
export type Place = (typeof places)[number]

/** A line, undressed (no timestamp, escapes, vertex number or time), with the place where it was written. */
export type PlacedLine = {
  number: number
  text: string
  place: Place
  build: Build | null
  vertex: Vertex | null
  jobStep: JobStep | null
}

/** The place of what a vertex says of itself. */
export function placeOf(vertex: Vertex): Place {
  switch (vertex.name.kind) {
    case 'step':
      return 'step'
    case 'import':
      return 'import'
    case 'export':
      return 'export'
    case 'image':
      return 'push'
    case 'from':
    case 'internal':
      return 'metadata'
    default:
      return vertex.name.kind satisfies never
  }
}
