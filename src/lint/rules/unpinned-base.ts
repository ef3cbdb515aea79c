import type { Stage } from '../../dockerfile/dockerfile.ts'
import { type Draft, linesOf, type Rule, type RuleWords, type Scene } from '../rule.ts'

const tips: RuleWords['runbook'] = { file: 'docker-layer-caching.md', anchor: 'optimisation-tips' }
const why =
  'All layers stand on the base: when the tag is moved to another image, the whole build runs again, and nobody decided on that day.'

/** A base that is whatever was pushed last. */
export const unpinnedBase: Rule = {
  id: 'unpinned-base',
  level: 'warning',
  summary: 'a base image without a tag, or with `latest`',
  runbook: tips,
  check: (scene) =>
    basesOf(scene).flatMap(({ stage, image }) => {
      const { tag, digest, name } = image
      if (digest !== null || !(tag === null || tag === 'latest')) return []
      // `static-debian12` says in its name what others say in their tag, and has no precise tags
      if (hasVersion(name)) return []
      const what =
        tag === null
          ? `\`${stage.base.text}\` has no tag, which means \`latest\``
          : `\`${stage.base.text}\` is whatever was pushed last`
      return [draft(stage, `${what}: name a version, better also a digest`)]
    }),
}

/** A tag can be moved, a digest cannot. */
export const baseWithoutDigest: Rule = {
  id: 'base-without-digest',
  level: 'note',
  summary: 'a base image that is not pinned by digest',
  runbook: tips,
  strict: true,
  check: (scene) =>
    basesOf(scene).flatMap(({ stage, image }) =>
      image.digest !== null || ((image.tag === null || image.tag === 'latest') && !hasVersion(image.name))
        ? []
        : [draft(stage, `\`${stage.base.text}\` can be moved to another image: \`@sha256:…\` pins it`)],
    ),
}

type Image = { name: string; tag: string | null; digest: string | null }

/** Images that are pulled: no stages, no scratch, nothing that a variable without value decides, nothing that bake may give. */
function basesOf({ dockerfile, builds }: Scene): { stage: Stage; image: Image }[] {
  const named = builds.some(({ bake, source, opaque }) => bake !== null || opaque || !/\.ya?ml$/.test(source))
  return dockerfile.stages.flatMap((stage) => {
    const { image, stage: below } = stage.base
    if (image === null || below !== null || image.toLowerCase() === 'scratch' || !/^\w[\w./:@-]*$/.test(image))
      return []
    if (named && /^[\w-]+$/.test(image)) return []
    return [{ stage, image: readImage(image) }]
  })
}

/** `host:5000/name:tag@digest` */
function readImage(text: string): Image {
  const [before = '', digest = null] = text.split('@', 2)
  const [, name = before, tag = null] = /^(.*?)(?::([^:/]+))?$/.exec(before) ?? []
  return { name, tag, digest }
}

function hasVersion(name: string): boolean {
  return /\d$/.test(name.split('/').at(-1) ?? '') && name.includes('/')
}

function draft({ instructions: [from], line }: Stage, message: string): Draft {
  return { ...(from ? linesOf(from) : { line, endLine: line }), message, why, edit: null }
}
