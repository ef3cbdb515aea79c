import { fits } from '../remedy/pattern.ts'
import type { ConfigFile } from './file.ts'
import type { SettingValues } from './settings.ts'

/** A repository to report on, and where. */
export type Watch = {
  repository: string
  channel: string
  /** null: all; `*` in a name stands for any text */
  branches: string[] | null
  workflows: string[] | null
  /** ask GitHub for finished runs, as no webhook tells */
  poll: boolean
  /** a check run on its pull requests */
  checks: boolean
}

type Defaults = { channel: string; poll: boolean }

/** The repositories of `LAYERWISE_WATCH`, each with what the file says of it, or else those of the file. */
export function readWatch(values: SettingValues, file: ConfigFile, { channel, poll }: Defaults): Watch[] {
  const listed = file.watch ?? []
  const entries = values.LAYERWISE_WATCH?.flatMap((repository) => {
    const same = listed.filter((entry) => sameName(entry.repository, repository))
    return same.length > 0 ? same : [{ repository }]
  })
  return (entries ?? listed).map((entry: (typeof listed)[number]) => ({
    repository: entry.repository,
    channel: entry.channel ?? channel,
    branches: entry.branches ?? null,
    workflows: entry.workflows ?? null,
    poll: entry.poll ?? poll,
    checks: entry.checks ?? false,
  }))
}

/**
 * The channels that want to hear of this run: of every entry that fits, each once. Where nothing is watched by name,
 * everything goes to the default channel.
 */
export function channelsFor(
  { watch, channel }: { watch: Watch[]; channel: string },
  run: { repository: string; branch: string | null; workflow: string },
): string[] {
  if (watch.length === 0) return [channel]
  const fitting = watch.filter(
    (entry) =>
      sameName(entry.repository, run.repository) &&
      fitsOne(entry.branches, run.branch ?? '') &&
      fitsOne(entry.workflows, run.workflow),
  )
  return [...new Set(fitting.map((entry) => entry.channel))]
}

/** Whether pull requests of this repository get a check run: only where somebody asked for it. */
export function wantsChecks({ watch }: { watch: Watch[] }, repository: string): boolean {
  return watch.some((entry) => entry.checks && sameName(entry.repository, repository))
}

/** The repositories that are watched by name: those that report to this channel, and all; each once. */
export function watchedBy(
  { watch }: { watch: Watch[] },
  channel: { id: string; name: string },
): { here: string[]; all: string[] } {
  const names = [channel.id, channel.name, `#${channel.name}`]
  return { here: repositories(watch.filter((entry) => names.includes(entry.channel))), all: repositories(watch) }
}

function repositories(watch: Watch[]): string[] {
  return [...new Map(watch.map(({ repository }) => [repository.toLowerCase(), repository])).values()]
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function fitsOne(patterns: string[] | null, name: string): boolean {
  return patterns === null || patterns.some((pattern) => fits(pattern, name))
}
