import type { Build, Vertex } from '../build/build.ts'
import type { Instruction } from '../dockerfile/dockerfile.ts'
import { argumentReason } from './argument-reason.ts'
import { baseMoves, baseOf, fullName } from './base-images.ts'
import { copiedChanges } from './copied-files.ts'
import { editBefore } from './dockerfile-edits.ts'
import { type Found, found } from './found.ts'
import { baseRun } from './parents.ts'
import { copyingOf, dockerfileIsSame, instructionOf, type Scene, stageIn, twinOf } from './scene.ts'
import type { StageRun } from './stage-run.ts'

/**
 * Why a step missed, looked for in the step itself: what it says, what it stands on, what it takes in. In the order of
 * certainty; null when the data hold no reason of that kind.
 */
export function ownReason(scene: Scene, run: StageRun, vertex: Vertex): Found | null {
  const instruction = instructionOf(scene, run, vertex)
  const copying = copyingOf(scene, run, vertex)
  return (
    edited(scene, run, vertex, instruction) ??
    baseMoved(scene, run, vertex) ??
    (copying && (downloads(copying) ?? files(scene, copying))) ??
    argumentReason(scene, run, vertex, instruction) ??
    (dockerfileIsSame(scene) ? filledInOtherwise(scene, vertex) : null)
  )
}

function edited(scene: Scene, run: StageRun, vertex: Vertex, instruction: Instruction | null): Found | null {
  const { dockerfile, sources } = scene
  const placed = instruction && dockerfile?.stages[instruction.stage]?.instructions.includes(instruction)
  if (dockerfile && placed && sources.previousDockerfile)
    return editBefore(dockerfile, sources.previousDockerfile, instruction)
  return dockerfileIsSame(scene) ? null : reworded(scene, run, vertex)
}

/** Both logs show the step, at the same place and in other words. */
function reworded(scene: Scene, { stage }: StageRun, vertex: Vertex): Found | null {
  const twin = twinOf(scene, vertex)
  if (!scene.previous || (twin && twin.name.instruction === vertex.name.instruction)) return null
  const where = stage === null ? '' : ` of stage ${stage}`
  if (!twin) return found('instruction-changed', 'medium', `the build before had no such step${where}`)
  return found('instruction-changed', 'medium', `the build before had "${firstLine(twin)}" in its place`)
}

/** The Dockerfile is the same and the step reads otherwise: BuildKit wrote another value of an argument into it. */
function filledInOtherwise(scene: Scene, vertex: Vertex): Found | null {
  const twin = twinOf(scene, vertex)
  if (!twin || twin.name.instruction === vertex.name.instruction) return null
  return found('build-arg-changed', 'medium', `the step reads "${firstLine(vertex)}", before "${firstLine(twin)}"`)
}

function firstLine({ name }: Vertex): string {
  return name.instruction.split('\n')[0] ?? ''
}

/** With other layers everything after FROM misses; with another configuration only, the first RUN does. */
function baseMoved(scene: Scene, run: StageRun, vertex: Vertex): Found | null {
  // the image of the stage below is that stage's affair
  if (!scene.previous || baseRun(scene, run)?.first) return null
  const detail = otherDigest(scene, scene.previous, run) ?? otherImage(scene, run)
  if (detail === null) return null
  const before = run.steps.slice(0, run.steps.indexOf(vertex)).filter(({ name }) => name.kind === 'step')
  const isRun = (one: Vertex) => /^RUN\b/i.test(one.name.instruction)
  if (before.some(isRun) || (before.length > 0 && !isRun(vertex))) return null
  return found('base-image-moved', 'high', detail)
}

function otherDigest(scene: Scene, previous: Build, run: StageRun): string | null {
  const image = imageOf(scene, run)
  const move = image === null ? undefined : baseMoves(scene.build, previous).get(image)
  return move ? `${move.image} moved from ${short(move.from)} to ${short(move.to)}` : null
}

/** FROM itself was edited, or an ARG in it has another value. */
function otherImage(scene: Scene, run: StageRun): string | null {
  const shown = run.steps.find(({ name }) => name.kind === 'from')
  const twin = shown && twinOf(scene, shown)
  const [now, before] = [shown && baseOf(shown), twin && baseOf(twin)]
  return now && before && now.image !== before.image ? `FROM is ${now.image}, and was ${before.image} before` : null
}

function imageOf(scene: Scene, run: StageRun): string | null {
  const shown = run.steps.find(({ name }) => name.kind === 'from')
  if (shown) return baseOf(shown)?.image ?? null
  let stage = stageIn(scene, run)
  for (let depth = 0; stage && stage.base.stage !== null && depth < 50; depth++)
    stage = scene.dockerfile?.stages[stage.base.stage] ?? null
  return stage?.base.image ? fullName(stage.base.image) : null
}

function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12)
}

/** What is named by its checksum or commit is the same for ever. */
function downloads({ keyword, copy, flags }: Instruction): Found | null {
  if (
    flags.some(({ name }) => name === 'checksum') ||
    copy?.sources.some((source) => /#[0-9a-f]{40}(?::|$)/.test(source))
  )
    return null
  const url = keyword === 'ADD' ? copy?.sources.find((source) => /^(?:https?|git|ssh):|^git@/.test(source)) : undefined
  if (url === undefined) return null
  return found('remote-file-changed', 'medium', `${url} has other content, or another time of last change, than before`)
}

function files(scene: Scene, instruction: Instruction): Found | null {
  const changes = copiedChanges(scene, instruction)
  if (changes.length === 0) return null
  const paths = changes.map(({ path }) => path)
  const modes = changes.every(({ change }) => change === 'mode')
  const sure = scene.sources.ignore !== null && scene.dockerfile !== null ? 'high' : 'medium'
  return found(
    modes ? 'file-metadata-changed' : 'file-changed',
    sure,
    tellFiles(changes, modes),
    paths.slice(0, filesNamed),
  )
}

const filesNamed = 100

function tellFiles(changes: { path: string; change: string }[], modes: boolean): string {
  const [first] = changes
  const more = changes.length > 1 ? ` and ${changes.length - 1} more` : ''
  if (modes) return `${first?.path}${more}: other permission bits, same content`
  const verb = first?.change === 'added' ? 'was added' : first?.change === 'deleted' ? 'was deleted' : 'changed'
  return changes.length > 1 ? `${first?.path}${more} changed` : `${first?.path} ${verb}`
}
