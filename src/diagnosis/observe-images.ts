import type { Build } from '../build/build.ts'
import type { LogReading } from '../build/read-log.ts'
import { scriptOf, tagsOf } from './build-command.ts'
import type { Observed } from './observed.ts'

/**
 * A `FROM` that could not be resolved names an image that this very job had built before, into the engine: a builder in a
 * container of its own does not see it.
 */
export function observeImages(reading: LogReading): Observed[] {
  return reading.builds.flatMap((build): Observed[] => {
    if (build.driver === null || build.driver === 'docker') return []
    const vertex = [...build.vertices.values()].find(
      ({ status, name }) => status === 'failed' && name.kind === 'internal' && name.instruction.includes(metadata),
    )
    const image = vertex?.name.instruction.split(metadata)[1]?.trim()
    if (!vertex || !image || !builtBefore(reading, build).includes(fullName(image))) return []
    const line = vertex.errorLine ?? vertex.line
    return [{ name: 'from-image-built-here', build, vertex, line, text: vertex.text, captures: { image } }]
  })
}

const metadata = 'load metadata for '

/** Tags of what earlier commands of the job built without pushing it. */
function builtBefore(reading: LogReading, build: Build): string[] {
  const earlier = reading.builds.filter((other) => other.firstLine < build.firstLine)
  const steps = reading.jobSteps.slice(0, (build.jobStep ?? -1) + 1)
  const scripts = steps.flatMap((step) => {
    const commands = (scriptOf(step) ?? []).filter((line) => tagsOf(line).length > 0)
    // the last build of the step that failed is the one that asks for the image
    return reading.jobSteps.indexOf(step) === build.jobStep ? commands.slice(0, -1) : commands
  })
  return [...earlier.flatMap(({ command }) => command ?? []), ...scripts]
    .filter((command) => !/--push\b|type=registry|push=true/.test(command))
    .flatMap(tagsOf)
    .map(fullName)
}

/** `base` → `docker.io/library/base:latest`, as BuildKit names it. */
function fullName(image: string): string {
  const [first = '', ...rest] = (image.split('@sha256:')[0] ?? '').split('/')
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first)
  const name = hasHost ? image : `docker.io/${rest.length > 0 ? '' : 'library/'}${image}`
  return /:[^/:]+$/.test(name) ? name : `${name}:latest`
}
