import type { Instruction } from '../../dockerfile/dockerfile.ts'
import type { ImageBuild } from '../../workflow/workflow.ts'
import type { Scene } from '../rule.ts'

/**
 * Whether an ARG has another value at every commit. What the workflows give it decides; where none that is known builds the
 * Dockerfile, its name does.
 */
export function isVolatile({ dockerfile, builds }: Scene, { line }: Instruction, name: string): boolean {
  const given = builds.flatMap(({ buildArgs }) => buildArgs.filter((arg) => arg.name === name))
  if (given.some(({ value }) => value !== null && changesPerCommit(value))) return true
  if (!hasVolatileName(name)) return false
  if (given.length > 0) return given.some(({ value }) => value === null || isOpen(value))
  // a value that nobody gives is the default, the same every time
  if (builds.length > 0 && builds.every(isWhollyKnown)) return false
  const own = [
    ...dockerfile.globalArgs,
    ...dockerfile.stages.flatMap(({ instructions }) => instructions.flatMap(({ variables }) => variables)),
  ].filter((variable) => variable.name === name && variable.line <= line)
  return own.length > 0 && own.every(({ value }) => value === null || isPlaceholder(value))
}

/** A default that nobody builds a release with. Any other, say the commit of a tool, is meant as it stands. */
function isPlaceholder(value: string): boolean {
  const plain = value.replace(/^["']|["']$/g, '')
  return /^(?:|unknown|dev(?:el(?:opment)?)?|none|null|local|head|latest|undefined|n\/a|(?:un|not-?)set|dirty|snapshot|main|master|0[\d.:TZ-]*|\$.*)$/i.test(
    plain,
  )
}

/** What GitHub fills in anew for every commit or run. */
export function changesPerCommit(value: string): boolean {
  return /\bgithub\.(?:sha|run_id|run_number|run_attempt|event\.(?:head_commit|after|pull_request\.head\.sha))|\bGITHUB_(?:SHA|RUN_ID|RUN_NUMBER)\b|\$\((?:git rev-parse|git describe|date)\b/.test(
    value,
  )
}

/** Only the run knows. */
function isOpen(value: string): boolean {
  return /\$|\{\{/.test(value)
}

function isWhollyKnown({ opaque, bake }: ImageBuild): boolean {
  return !opaque && bake === null
}

const names = new Set(
  `GIT_SHA GIT_COMMIT GIT_COMMIT_SHA GIT_HASH GIT_REV GIT_REVISION GIT_REF_SHA COMMIT COMMIT_SHA COMMIT_HASH COMMIT_ID SHA GITHUB_SHA
  CI_COMMIT_SHA CI_COMMIT_SHORT_SHA SOURCE_COMMIT VCS_REF VCS_REVISION REVISION BUILD_NUMBER BUILD_ID BUILD_DATE BUILD_TIME
  BUILD_TIMESTAMP BUILD_SHA BUILD_COMMIT GITHUB_RUN_ID GITHUB_RUN_NUMBER RUN_NUMBER RUN_ID CI_PIPELINE_ID CI_JOB_ID
  SOURCE_DATE_EPOCH`.split(/\s+/),
)

function hasVolatileName(name: string): boolean {
  return names.has(name.toUpperCase())
}
