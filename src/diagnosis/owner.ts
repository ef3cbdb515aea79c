import type { Build, Vertex } from '../build/build.ts'
import type { JobStep } from '../build/job-steps.ts'

/** Whose line it is: a vertex's, else that of the job's step, else the build's; null when it is nobody's in particular. */
export type Owner = Vertex | JobStep | Build | null

type Owned = { vertex: Vertex | null; jobStep: JobStep | null; build: Build | null }

export function ownerOf({ vertex, jobStep, build }: Owned): Owner {
  return vertex ?? jobStep ?? build
}

/** Prefers the oldest vertex that ended well, for the failing one never does. */
export function forgetOne(owners: Map<Owner, unknown>): void {
  const known = [...owners.keys()]
  owners.delete(known.find(isThrough) ?? known[0] ?? null)
}

function isThrough(owner: Owner): boolean {
  return owner !== null && 'status' in owner && (owner.status === 'done' || owner.status === 'cached')
}
