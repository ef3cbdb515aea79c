import type { CacheOption } from '../workflow/cache-option.ts'
import { expand, legsOf } from '../workflow/expand.ts'
import type { ImageBuild, Workflow } from '../workflow/workflow.ts'
import { entryOf } from './command-setup.ts'
import type { CacheSetup } from './evidence.ts'

/** How a workflow tells a build to use caches. `build` as the leg of its matrix runs it. */
export function cacheSetup(workflow: Workflow, build: ImageBuild): CacheSetup {
  return {
    written: `${build.source}:${build.line}`,
    imports: build.cacheFrom.map(entryOf),
    exports: build.cacheTo.map(entryOf),
    noCache: build.noCache === 'yes' ? true : build.noCacheFilters.length > 0 ? build.noCacheFilters : false,
    rivals: rivalsOf(workflow, build),
    held: null,
  }
}

/** Builds of other images, or legs of the matrix, that write where this one does. */
function rivalsOf(workflow: Workflow, build: ImageBuild): string[] {
  const own = new Set(build.cacheTo.flatMap(addressOf))
  const others = workflow.builds.flatMap((written) => legsOf(written).map((leg) => expand(written, leg)))
  const rivals = others.filter(
    (other) =>
      imageOf(other) !== imageOf(build) && other.cacheTo.some((option) => addressOf(option).some((at) => own.has(at))),
  )
  return [...new Set(rivals.map((other) => `the build of ${imageOf(other)} (${other.source}:${other.line})`))]
}

/** Nothing for one whose name only the runner knows. */
function addressOf({ type, scope, ref, conditional }: CacheOption): string[] {
  if (conditional) return []
  const name = type === 'gha' ? (scope ?? 'buildkit') : type === 'registry' ? ref : null
  return name === null || name.includes('${{') ? [] : [`${type} ${name}`]
}

function imageOf({ context, file, target }: ImageBuild): string {
  return [file ?? context ?? '.', target].filter((part) => part !== null).join(' ')
}
