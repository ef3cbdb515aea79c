import type { ImageBuild } from '../workflow.ts'
import type { Scene } from './scene.ts'

/**
 * A scope that no other build of the workflow has: what the matrix varies, the job, and which build of the job it is.
 * Null when one scope is enough because there is but one build.
 */
export function uniqueScope(build: ImageBuild, { placed }: Scene): string | null {
  const builds = [...new Set(placed.map(({ written }) => written))]
  const keys = matrixKeys(build)
  if (builds.length === 1 && keys.length === 0) return null
  const axes = keys.map((key) => `\${{ matrix.${key} }}`)
  const others = builds.filter(({ job }) => job === build.job)
  const which = others.length > 1 ? [build.step.id ?? build.target ?? String(others.indexOf(build) + 1)] : []
  const parts = [...(axes.length === 0 || builds.length > 1 ? [build.job] : []), ...which, ...axes]
  return parts.some((part) => /[,\s"']/.test(part.replace(/\$\{\{.*?\}\}/g, ''))) ? null : parts.join('-')
}

/** Parts of the matrix by which the builds of its legs differ. */
export function matrixKeys(build: ImageBuild): string[] {
  const texts = [
    build.context,
    build.file,
    build.target,
    ...build.platforms,
    ...build.buildArgs.map(({ value }) => value),
  ]
  const named = texts.flatMap((text) =>
    [...(text ?? '').matchAll(/matrix\.([\w-]+(?:\.[\w-]+)*)/g)].flatMap(([, key]) => key ?? []),
  )
  return [...new Set(named)]
}
