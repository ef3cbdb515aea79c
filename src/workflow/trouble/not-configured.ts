import type { ImageBuild } from '../workflow.ts'
import { addInputs } from './edits.ts'
import { type Finding, finding, isFresh, isKnown, type Placed, type Scene } from './scene.ts'
import type { Edit } from './trouble.ts'
import { uniqueScope } from './unique-scope.ts'

/** Builds on a new machine that bring no cache. */
export function notConfigured(scene: Scene): Finding[] {
  const bare = scene.placed.filter((one) => isKnown(one) && isFresh(one) && buildsAnew(one) && !hasLayers(one, scene))
  return bare.map((one) =>
    finding(one, {
      ...{
        kind: 'not-configured',
        line: one.written.line,
        message: 'this build has no cache-from, so every run builds every step anew',
      },
      why: 'The runner is a new machine for each job: without an imported cache there is nothing that a step could be taken from.',
      edit: configured(one.written, scene),
    }),
  )
}

function buildsAnew({ build, written }: Placed): boolean {
  const local = build.driver === null || build.driver === 'docker' || build.driver === 'docker-container'
  const docker = /^docker[/ -]|^docker$/.test(build.how.name)
  return local && docker && written.cacheFrom.length === 0 && written.cacheTo.length === 0 && build.noCache === 'no'
}

/** The layers come in another way: loaded from an archive, kept by another action, or built a step before. */
function hasLayers({ build, job, leg }: Placed, { placed, dockerfileOf }: Scene): boolean {
  const steps = job?.steps.slice(0, build.step.index + 1) ?? []
  const restored = steps.some(
    ({ uses, script }) =>
      /docker.*cache|cache.*docker|buildkit-cache/i.test(uses ?? '') ||
      /docker (?:image )?load|ctr .*import/.test(script ?? ''),
  )
  const before = placed.some(
    (other) =>
      other.build.job === build.job &&
      other.leg === leg &&
      other.written.line < build.line &&
      other.build.context === build.context &&
      other.build.file === build.file,
  )
  const file = dockerfileOf(build)
  const idle =
    file !== null && !file.stages.some(({ instructions }) => instructions.some(({ keyword }) => keyword === 'RUN'))
  return restored || before || idle
}

function configured(build: ImageBuild, scene: Scene): Edit | null {
  if (build.how.kind !== 'build-push-action') return null
  const scope = uniqueScope(build, scene)
  const option = scope === null ? 'type=gha' : `type=gha,scope=${scope}`
  const inputs = { 'cache-from': [option], 'cache-to': [`${option},mode=max`] }
  const lines = scene.linesOf(build.source)
  const edit = addInputs(build, lines, inputs)
  // The daemon's own builder cannot speak to that cache.
  return edit !== null && build.driver === null ? withBuilder(build, lines, edit) : edit
}

/** A step that makes a builder, before the step that an edit changes. */
export function withBuilder(build: ImageBuild, lines: string[], edit: Edit | null): Edit | null {
  const first = lines[build.step.line - 1] ?? ''
  const indent = /^(\s*)- /.exec(first)?.[1]
  if (indent === undefined || build.place?.flow) return null
  const step = `${indent}- uses: docker/setup-buildx-action@v3`
  if (edit === null) return { startLine: build.step.line, endLine: build.step.line, replacement: [step, first] }
  const between = lines.slice(build.step.line - 1, edit.startLine - 1)
  return { ...edit, startLine: build.step.line, replacement: [step, ...between, ...edit.replacement] }
}
