import { type Build, isStep, type Vertex, wasCached } from '../build/build.ts'
import { redact } from '../build/redact.ts'
import type { Miss } from './miss.ts'

export type StageStep = { vertex: Vertex; stage: string | null }

/**
 * The first executed step of each stage, in the order of the stages' first appearance. Why it missed is decided by
 * what a log alone can prove, which is little: `unknown` says so.
 */
export function firstMisses(build: Build, steps: StageStep[]): Miss[] {
  const stages = Map.groupBy(
    steps.filter(({ vertex }) => isStep(vertex)),
    ({ vertex, stage }) => [stage ?? '', vertex.name.platform ?? ''].join('\u0000'),
  )
  const misses: Miss[] = []
  for (const members of stages.values()) {
    const first = members
      .filter(({ vertex }) => ran(vertex))
      .sort((a, b) => (a.vertex.name.ordinal ?? 0) - (b.vertex.name.ordinal ?? 0))[0]
    if (first) misses.push(miss(build, first, members))
  }
  return misses
}

function ran(vertex: Vertex): boolean {
  if (vertex.name.kind === 'from' || wasCached(vertex)) return false
  return vertex.status === 'done' || vertex.status === 'failed' || vertex.status === 'canceled'
}

function miss(build: Build, first: StageStep, members: StageStep[]): Miss {
  const seconds = members.filter(({ vertex }) => ran(vertex)).map(({ vertex }) => vertex.seconds)
  const known = seconds.filter((value) => value !== null)
  return {
    stage: first.stage,
    step: redact(first.vertex.text),
    ...reasonFromLog(build),
    files: [],
    expected: null,
    secondsLost: known.length === 0 ? null : Math.round(known.reduce((sum, value) => sum + value, 0) * 10) / 10,
  }
}

/** Only what the command line itself says; the rest needs the build before. */
function reasonFromLog(build: Build): Pick<Miss, 'reason' | 'detail' | 'certainty'> {
  if (build.command && /\s--no-cache(?:\s|$)/.test(build.command)) {
    return { reason: 'no-cache-requested', detail: 'the build was started with --no-cache', certainty: 'high' }
  }
  if (build.record?.noCache === true)
    return { reason: 'no-cache-requested', detail: 'the build was asked to use no cache', certainty: 'high' }
  return { reason: 'unknown', detail: 'needs the build before this one to compare with', certainty: 'low' }
}
