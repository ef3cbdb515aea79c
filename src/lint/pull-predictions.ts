import type { Change } from '../cache/change.ts'
import { type Predicted, predictMisses } from '../cache/predict/predict.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import { readIgnore } from '../dockerfile/ignore.ts'
import { readDockerfile } from '../dockerfile/read-dockerfile.ts'
import type { ImageBuild } from '../workflow/workflow.ts'
import { contextsOf } from './contexts.ts'
import type { LintFiles } from './files.ts'
import { dockerfilesConcerned, type PullFiles } from './pull.ts'
import type { Context } from './rule.ts'
import { changesPerCommit } from './rules/volatile-value.ts'
import { dockerfileOfBuild, readWorkflows } from './workflows.ts'

/** What a pull request takes out of the cache of one image. */
export type ImagePrediction = { file: string; context: string | null; target: string | null; misses: Predicted[] }

/** More images than this are a matter of their own. */
const most = 12

/** For every image whose Dockerfile, ignore file or workflow a pull request changes, as its workflows build it. */
export function pullPredictions(pull: PullFiles): ImagePrediction[] {
  const [now, before] = [readWorkflows(pull.head).builds, readWorkflows(pull.base).builds]
  const images = dockerfilesConcerned(pull).flatMap((file) => {
    const dockerfile = readDockerfile(pull.head.texts.get(file) ?? '', file)
    const builds = now.filter((build) => dockerfileOfBuild(build) === file)
    const ways = builds.length === 0 ? [null] : [...new Map(builds.map((build) => [wayOf(build), build])).values()]
    return ways.map((build) => {
      const twin = build && before.find((one) => one.job === build.job && wayOf(one) === wayOf(build))
      return predictImage(pull, dockerfile, { build, twin: twin ?? null })
    })
  })
  return images.slice(0, most)
}

/** Two builds of one Dockerfile that differ in nothing of this lose the same layers. */
function wayOf({ context, file, target, buildArgs }: ImageBuild): string {
  return JSON.stringify([context, file, target, buildArgs.map(({ name }) => name)])
}

type Build = { build: ImageBuild | null; twin: ImageBuild | null }

function predictImage(pull: PullFiles, dockerfile: Dockerfile, { build, twin }: Build): ImagePrediction {
  const { file } = dockerfile
  const builds = build ? [build] : []
  const context = contextsOf(pull.head, dockerfile, builds)[0] ?? null
  const before = pull.base.texts.get(file)
  const previousDockerfile = before === undefined ? null : readDockerfile(before, file)
  const earlier = contextsOf(pull.base, previousDockerfile ?? dockerfile, twin ? [twin] : builds)[0] ?? null
  const change: Change = {
    ...{ dockerfile, previousDockerfile, changed: pull.changed, context: context?.folder ?? null },
    ...{ target: build?.target ?? null, buildArgs: build && argumentsOf(build, twin) },
    ...ignoresOf(context, earlier, pull.head),
  }
  return { file, context: change.context, target: build?.target ?? null, misses: predictMisses(change) }
}

type Ignores = Pick<Change, 'ignore' | 'previousIgnore' | 'files'>

function ignoresOf(now: Context | null, before: Context | null, { paths }: LintFiles): Ignores {
  const read = (context: Context | null) => readIgnore(context?.ignoreFile?.text ?? '')
  const same = now?.ignoreFile?.text === before?.ignoreFile?.text
  return { ignore: read(now), ...(!same && { previousIgnore: read(before) }), ...(paths && { files: paths }) }
}

/** What GitHub fills in anew at every commit differs, though it is written the same. */
function argumentsOf(build: ImageBuild, twin: ImageBuild | null): Change['buildArgs'] {
  const valuesOf = (one: ImageBuild, mark: string) =>
    new Map(
      one.buildArgs.flatMap(({ name, value }) =>
        value === null ? [] : [[name, changesPerCommit(value) ? `${value} ${mark}` : value]],
      ),
    )
  return { now: valuesOf(build, 'now'), before: twin && valuesOf(twin, 'before') }
}
