import type { KnownBlock } from '@slack/types'
import type { BuildSummary } from '../diagnosis/explanation.ts'
import { section } from './blocks.ts'
import { code, codeBlock, cut, join, type Mrkdwn, md } from './escape.ts'
import { linesWithin, withinWeight } from './limits.ts'
import { judgement, listed, lostOf, type MissGroup, missGroups, reasonSentences, stagesOf } from './miss-wording.ts'
import { buildTable } from './step-table.ts'
import { stepName } from './wording.ts'

/** What of the builds a message says itself, and what is left to its details. */
export type BuildsSaid = { above: KnownBlock[]; below: KnownBlock[] }

/**
 * Each build with its steps, what missed the cache first and why, and the edits that end it. Where nothing failed that is
 * the answer; where the cache is what failed, its misses belong to it; else it all is a detail. `room` in characters.
 */
export function sayBuilds(builds: BuildSummary[], subject: 'builds' | 'cache' | 'failure', room: number): BuildsSaid {
  const tables = builds.map((build, index) => section(`build-${index}`, buildTable(build)))
  const misses = builds.map(missBlocks)
  const all = tables.flatMap((table, index) => [table, ...(misses[index] ?? [])])
  const wanted = subject === 'builds' ? all : subject === 'cache' ? misses.flat() : []
  const above = withinWeight(wanted, room)
  return { above, below: all.filter((block) => !above.includes(block)) }
}

function missBlocks(build: BuildSummary, index: number): KnownBlock[] {
  const groups = missGroups(build)
  const items = groups.map(groupItem)
  const { shown, more } = linesWithin(
    items.map(({ mrkdwn }) => mrkdwn),
    2_400,
  )
  const what = build.firstMisses.length === 1 ? 'First miss' : 'First misses'
  const heading = md`*${what}*${build.target === null ? '' : ` of ${cut(build.target, 100)}`}: ${lostOf(build)}`
  const rest = more === 0 ? null : md`and ${more} more`
  const misses = join([heading, ...shown.map((mrkdwn) => ({ mrkdwn })), rest], '\n')
  return [...(items.length === 0 ? [] : [section(`misses-${index}`, misses)]), ...fixBlocks(build, index)]
}

function groupItem(group: MissGroup): Mrkdwn {
  const { first, misses, files, detail } = group
  const stages = stagesOf(group)
  const where = stages === null ? null : md`*${cut(stages, 160)}*`
  const steps = misses.slice(0, 1).map(({ step }) => code(cut(stepName(step), 160)))
  const more = misses.length > 1 ? md`and ${misses.length - 1} more` : null
  const named = files.length === 0 ? '' : ` (${listed(files)})`
  const said = join([where && md`${where}:`, md`${reasonSentences[first.reason]}:`, ...steps, more], ' ')
  const why = detail === '' ? null : md`${cut(`${detail}${named}`, 300)}`
  return md`• ${said}\n${join([why, md`_${judgement(group)}_`], ' · ')}`
}

const diffsShown = 2

/** Where the whole diff would be too long, its start says where to look. */
function fixBlocks({ fixes }: BuildSummary, index: number): KnownBlock[] {
  const blocks = fixes.slice(0, diffsShown).map(({ file, line, why, diff }, number) => {
    const where = md`*Fix* in ${code(`${cut(file, 160)}:${line}`)}: ${cut(why, 300)}`
    return section(`fix-${index}-${number}`, join([where, codeBlock(shortened(diff))], '\n'))
  })
  const more = fixes.length - blocks.length
  if (more <= 0) return blocks
  const rest = md`and ${more} more ${more === 1 ? 'fix' : 'fixes'}; all of them: ${code('layerwise debug')}`
  return [...blocks, section(`fixes-${index}`, rest)]
}

function shortened(diff: string): string[] {
  const lines = diff.replace(/\n$/, '').split('\n')
  const { shown, more } = linesWithin(
    lines.map((line) => cut(line, 200)),
    1_200,
  )
  return more === 0 ? shown : [...shown, '…']
}
