import type { ImageBuild } from '../workflow.ts'
import { replaceInLine } from './edits.ts'
import { type Finding, finding, type Scene } from './scene.ts'
import type { Edit } from './trouble.ts'
import { mayRun, worldsOf } from './worlds.ts'

/** A cache that is turned off for good. A build by the clock or by hand may well want that. */
export function noCacheAlways({ placed, workflow, linesOf }: Scene): Finding[] {
  const everyday = worldsOf(workflow).filter(
    ({ lookup }) => !['schedule', 'workflow_dispatch'].includes(String(lookup(['github', 'event_name']))),
  )
  return placed.flatMap((one) => {
    const { build, written } = one
    if (build.noCache !== 'yes' || build.noCacheLine === null || !everyday.some((world) => mayRun(one, world)))
      return []
    return [
      finding(one, {
        ...{ kind: 'no-cache-always', line: build.noCacheLine, message: 'every build starts without a cache' },
        why: 'no-cache runs every step again, whatever cache-from brings. An input of workflow_dispatch can ask for it when it is needed.',
        edit: withoutNoCache(written, linesOf(written.source), build.noCacheLine),
      }),
    ]
  })
}

function withoutNoCache(build: ImageBuild, lines: string[], line: number): Edit | null {
  const text = lines[line - 1] ?? ''
  if (build.place === null) {
    const option = /\s--no-cache(?:=true)?(?=\s|$)/.exec(text)?.[0] ?? /--no-cache(?:=true)?\s/.exec(text)?.[0]
    return option === undefined ? null : replaceInLine(lines, line, option, '')
  }
  return /^\s*no-cache:/.test(text) ? { startLine: line, endLine: line, replacement: [] } : null
}
