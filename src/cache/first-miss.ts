import { type Build, isStep, type Vertex } from '../build/build.ts'
import { redact } from '../build/redact.ts'
import type { Instruction, Source } from '../dockerfile/dockerfile.ts'
import { askedForNone, coldReason, importsOf, isCold, lostLayers, ranInSpiteOfCache } from './build-reason.ts'
import type { ChangedFiles } from './changed-files.ts'
import type { Evidence, Trigger } from './evidence.ts'
import { expectedOf } from './expected.ts'
import { type Found, found, type Reasons } from './found.ts'
import type { Miss } from './miss.ts'
import { ownReason } from './own-reason.ts'
import { baseRun, isAtStart, type SharedStep, sharedBefore, sharedMiss } from './parents.ts'
import { type BuiltImage, instructionOf, runOf, type Scene, sceneOf } from './scene.ts'
import { hasRun, type StageRun, secondsOf } from './stage-run.ts'

/**
 * The first step of each stage that was not taken from the cache, and why (design §9). What follows it in its stage is
 * its consequence. The reason is the first in a fixed order that the evidence decides; where none does, `unknown` says
 * what would.
 */
export function firstMisses(image: BuiltImage, evidence: Evidence, triggers: Trigger[]): Miss[] {
  const scene = sceneOf(image, evidence, triggers)
  const reasons = reasonsOf(scene)
  return scene.runs.flatMap((run) => {
    const reason = reasons(run)
    if (!run.first || !reason) return []
    return {
      stage: run.stage,
      step: redact(run.first.text),
      reason: reason.reason,
      files: reason.files.map(redact),
      detail: redact(reason.detail),
      expected: expectedOf(scene, run, reason, reasons),
      secondsLost: secondsOf(run),
      certainty: reason.certainty,
    }
  })
}

/** Reasons of stages follow one another; each is looked for once. */
function reasonsOf(scene: Scene): Reasons {
  const whole = wholeReason(scene)
  const known = new Map<StageRun, Found | null>()
  const reasons: Reasons = (run) => {
    const answer = known.get(run)
    if (answer !== undefined) return answer
    // stages that were to depend on each other in a circle would never end
    known.set(run, null)
    const reason = run.first && reasonOf(scene, run, run.first, { whole, reasons })
    known.set(run, reason)
    return reason
  }
  return reasons
}

/** Reason for all that could not be found: of the whole build, or of the stages that nothing of their own explains. */
type Whole = { of: 'all' | 'starts' | 'unexplained'; reason: Found } | null

function wholeReason(scene: Scene): Whole {
  const lost = lostLayers(scene)
  if (lost) return { of: 'starts', reason: lost }
  const missed = scene.runs.flatMap((run) => (run.first ? [{ run, first: run.first }] : []))
  const unexplained = missed.filter(({ run, first }) => isRoot(scene, run, first) && !ownReason(scene, run, first))
  if (isCold(scene)) {
    const troubled = importsOf(scene.build).some(({ ok }) => !ok)
    if (scene.previous === null || troubled || unexplained.some(({ run, first }) => isAtStart(scene, run, first)))
      return { of: 'all', reason: coldReason(scene) }
  }
  if (unexplained.length === 0) return null
  if (ranInSpiteOfCache([...scene.build.vertices.values()]))
    return { of: 'all', reason: found('no-cache-requested', 'medium', ranAnyway('--no-cache')) }
  const imported = importsOf(scene.build).some(({ ok }) => ok)
  return imported ? { of: 'starts', reason: notExported(scene) } : null
}

function ranAnyway(flag: string): string {
  return `every RUN and COPY ran though nothing before it changed and WORKDIR was found: as ${flag} does`
}

function notExported({ sources }: Scene): Found {
  const min = sources.cache?.exports.find(({ mode, type }) => mode !== 'max' || type === 'inline')
  const why = min
    ? `${sources.cache?.written} exports with mode=${min.mode ?? 'min'}, which keeps those of the last stage only`
    : 'an export with mode=min keeps those of the last stage only'
  return found('not-exported', min ? 'high' : 'medium', `the imported cache has no layers of this stage: ${why}`)
}

/** It follows no other step that missed. */
function isRoot(scene: Scene, run: StageRun, first: Vertex): boolean {
  return !sharedMiss(scene, run, first) && !baseRun(scene, run)?.first && !sourceRun(scene, run, first)
}

type Known = { whole: Whole; reasons: Reasons }

function reasonOf(scene: Scene, run: StageRun, first: Vertex, known: Known): Found {
  const asked = askedForNone(scene, run.stage)
  if (asked) return asked
  const { whole } = known
  if (whole?.of === 'all') return whole.reason
  if (whole?.of === 'starts' && isAtStart(scene, run, first) && !ownReason(scene, run, first)) return whole.reason
  return (
    otherPlatform(scene, run, first) ??
    followed(scene, run, first, known) ??
    ownReason(scene, run, first) ??
    inSpite(scene, run, first) ??
    undecided(scene, run, first)
  )
}

/** Nothing of it stands before, where the builds before name their platforms: there was none of this one. */
function otherPlatform(scene: Scene, run: StageRun, first: Vertex): Found | null {
  const { platform } = run
  if (platform === null || !isAtStart(scene, run, first)) return null
  const steps = (scene.evidence.previous ?? []).flatMap(({ vertices }) => [...vertices.values()].filter(isStep))
  const named = steps.flatMap(({ name }) => name.platform ?? [])
  if (named.length === 0 || named.includes(platform)) return null
  return found('first-build', 'high', `the build before was not for ${platform}`)
}

/** The step or stage that this one follows, when it is no root. */
function followed(scene: Scene, run: StageRun, first: Vertex, { reasons }: Known): Found | null {
  const shared = sharedMiss(scene, run, first)
  if (shared) return afterShared(scene, run, first, shared, reasons)
  const own = ownReason(scene, run, first)
  if (own?.certainty === 'high') return null
  const base = baseRun(scene, run)
  const below = base?.first ? reasons(base) : null
  if (base && below) return afterStage(base, below, 'is built on it')
  const source = sourceRun(scene, run, first)
  const reason = source && reasons(source)
  return source && reason ? afterStage(source, reason, 'copies from it') : null
}

/** What the step shares with another stage is its own parent: a base image that moved is its own as well. */
function afterShared(scene: Scene, run: StageRun, first: Vertex, shared: SharedStep, reasons: Reasons): Found {
  const own = ownReason(scene, run, first)
  if (own?.reason === 'base-image-moved') return own
  const reason = shared.run.first === shared.vertex ? reasons(shared.run) : null
  if (reason && ofEveryStep.has(reason.reason)) return reason
  const because = reason ? `: ${reason.detail}` : ''
  return {
    ...found('parent-step-changed', 'high', `follows ${shared.vertex.text}${because}`, reason?.files),
    follows: shared.run.stage ?? 'stage-0',
  }
}

/** Reasons that are the same for whatever follows: it would have missed by itself. */
const ofEveryStep = new Set<Found['reason']>([
  'build-arg-changed',
  'base-image-moved',
  'not-exported',
  'evicted',
  'no-cache-requested',
  'unknown',
])

function afterStage({ stage, first }: StageRun, reason: Found, how: string): Found {
  const name = stage ?? 'stage-0'
  const detail = `stage ${name} was built anew from ${first?.text ?? 'its start'} on, and this step ${how}: ${reason.detail}`
  return { ...found('upstream-stage-changed', reason.certainty, detail, reason.files), follows: name }
}

/** The stage whose files the step takes (`COPY --from`, a bind mount), when something of it ran. */
function sourceRun(scene: Scene, run: StageRun, first: Vertex): StageRun | null {
  const instruction = instructionOf(scene, run, first)
  for (const source of instruction ? sourcesOf(instruction) : []) {
    const stage = source.kind === 'stage' ? scene.dockerfile?.stages[source.stage] : undefined
    const byName = source.kind === 'stage' ? null : source.kind === 'image' ? source.image : source.name
    const other = stage
      ? runOf(scene, stage, run.platform)
      : scene.runs.find((one) => one.stage !== null && one.stage === byName && one.platform === run.platform)
    if (other && other !== run && other.steps.some(hasRun)) return other
  }
  return null
}

function sourcesOf({ copy, mounts }: Instruction): Source[] {
  return [copy?.from, ...mounts.map(({ from }) => from)].filter((source) => source !== null && source !== undefined)
}

function inSpite(scene: Scene, run: StageRun, first: Vertex): Found | null {
  const shared = sharedBefore(scene, run, first).map(({ vertex }) => vertex)
  if (!ranInSpiteOfCache([...shared, ...run.steps])) return null
  return found('no-cache-requested', 'medium', ranAnyway(`--no-cache-filter=${run.stage ?? 'stage-0'}`))
}

function undecided(scene: Scene, run: StageRun, first: Vertex): Found {
  const { evidence, previous, sources } = scene
  const copies = instructionOf(scene, run, first)?.copy
  const lacking = [
    previous === null ? 'the log of the build before' : null,
    scene.dockerfile === null || sources.previousDockerfile === null ? 'both Dockerfiles' : null,
    copies && evidence.changed === null ? 'the files that changed' : null,
    sources.buildArgs === null ? 'the build arguments of both builds' : null,
  ].filter((what) => what !== null)
  if (previous && !wasBuilt(previous, first))
    return found('first-build', 'medium', `the build before did not build stage ${run.stage ?? 'stage-0'}`)
  if (copies && !copies.from && evidence.changed?.complete) return unlisted(evidence.changed)
  return found(
    'unknown',
    'low',
    `to decide it needs ${lacking.join(', ') || 'what the builder kept of the build before'}`,
  )
}

/** What it copies differs in some way that the list of changed files does not show. */
function unlisted({ files }: ChangedFiles): Found {
  const ignore = files.find(({ path }) => path.endsWith('.dockerignore'))
  if (ignore) return found('file-changed', 'medium', `${ignore.path} changed, and with it which files are copied here`)
  return found(
    'unknown',
    'low',
    'no file that git lists as changed is copied here: a file that the job makes before the build, permission bits that git does not keep, or --no-cache-filter. `git status --ignored` and `ls -lR` before the build would tell',
  )
}

/** Some step of the stage stands in the log of the build before. */
function wasBuilt(previous: Build, { name }: Vertex): boolean {
  return [...previous.vertices.values()].some((one) => isStep(one) && one.name.tokens.join() === name.tokens.join())
}
