import type { BuilderRecord, BuilderSelection } from './plan.ts'

/**
 * The records that fit and can go: none that another one stands on which stays. Records in use are not among `all`.
 * Without `all`, layers only: cache mounts, local sources and frontends are dear to get back and seldom at fault.
 */
export function selectBuilder(
  all: BuilderRecord[],
  { unusedDays, all: everything }: BuilderSelection,
  { now }: { now: Date },
): BuilderRecord[] {
  const fits = (record: BuilderRecord) =>
    (everything || record.type === 'regular') &&
    (unusedDays === null || now.getTime() - usedAt(record) >= unusedDays * 86_400_000)
  const kept = all.filter((record) => !fits(record))
  const byId = new Map(all.map((record) => [record.id, record]))
  const held = new Set<string>()
  const open = kept.flatMap(({ parents }) => parents)
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (held.has(id)) continue
    held.add(id)
    open.push(...(byId.get(id)?.parents ?? []))
  }
  return all.filter((record) => fits(record) && !held.has(record.id))
}

/** One that was never used since it was made is as old as it is. */
function usedAt({ lastUsedAt, createdAt }: BuilderRecord): number {
  return Date.parse(lastUsedAt ?? createdAt)
}

/** What the builds after it will find cold, a sentence each. */
export function coldAfterBuilder(going: BuilderRecord[]): string[] {
  const count = (wanted: (type: string) => boolean) => going.filter(({ type }) => wanted(type)).length
  const layers = count((type) => type === 'regular')
  const mounts = count((type) => type === 'exec.cachemount')
  const others = going.length - layers - mounts
  return [
    ...(layers > 0
      ? [
          `${layers === 1 ? 'One layer goes' : `${layers} layers go`}: every build on this builder that had ${layers === 1 ? 'it' : 'one of them'} runs those steps again.`,
        ]
      : []),
    ...(mounts > 0
      ? [`${mounts === 1 ? 'One cache mount goes' : `${mounts} cache mounts go`}: package managers download again.`]
      : []),
    ...(others > 0
      ? [
          `${others === 1 ? 'One source or frontend goes' : `${others} sources and frontends go`}: contexts are sent whole and frontends pulled again.`,
        ]
      : []),
  ]
}
