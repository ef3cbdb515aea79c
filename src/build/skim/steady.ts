import type { Build, Vertex } from '../build.ts'
import type { JobStep } from '../job-steps.ts'
import { type Place, placeOf } from '../place.ts'
import type { Scene } from '../scene.ts'

/** Output that goes on: until the story takes a turn, all lines without a mark are more of the same. */
export type Steady = {
  /** `#7 `, with which each line of it begins, or null for bare lines */
  prefix: Uint8Array | null
  place: Place
  build: Build | null
  vertex: Vertex | null
  jobStep: JobStep | null
  /** its lines belong to the build, wherever they are read */
  inBuild: boolean
}

/** What goes on in the scene, as far as lines of it need no reading; null when the next line may change something. */
export function steadyVertex(scene: Scene): Steady | null {
  const { build, talking: vertex } = scene
  if (!build || !vertex) return null
  switch (build.builder) {
    case 'buildkit':
      return isPlainOutputOf(scene, build, vertex) ? of(scene, vertex, Buffer.from(`${vertex.key} `)) : null
    case 'classic':
    case 'buildah':
      // what goes wrong while an image is pulled is said in many words
      if (build.finalError || (vertex.name.kind === 'from' && vertex.status === 'unfinished')) return null
      return of(scene, vertex, null)
    case 'kaniko':
      return vertex.spoke ? of(scene, vertex, null) : null
    default:
      return build.builder satisfies never
  }
}

/** Lines of the client or of a step of the job that no dialect claims. */
export function steadyLoose(scene: Scene, place: Place): Steady | null {
  const { build, talking } = scene
  if (build?.builder === 'kaniko' || (build && talking && !build.finalError)) return null
  return { prefix: null, place, build, vertex: null, jobStep: scene.jobs.current(), inBuild: false }
}

function isPlainOutputOf(scene: Scene, build: Build, vertex: Vertex): boolean {
  if (scene.inBlock || !vertex.spoke || build.showing !== vertex) return false
  // a step whose name looks like output would be taken for its own header
  if (!/^#[1-9]\d{0,5}$/.test(vertex.key) || /^[-\d]/.test(vertex.text)) return false
  return build.vertices.get(vertex.key) === vertex
}

function of(scene: Scene, vertex: Vertex, prefix: Uint8Array | null): Steady {
  const place = prefix || scene.build?.builder !== 'kaniko' ? placeOf(vertex) : 'step'
  return { prefix, place, build: scene.build, vertex, jobStep: scene.jobs.current(), inBuild: true }
}
