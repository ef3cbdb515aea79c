import { fill, fillTree, type Variables } from './hcl-variables.ts'
import { child, entriesOf, itemsOf, textOf, type YamlEntry, type YamlNode } from './yaml-source.ts'

const maxTargets = 200

/** `matrix` makes a target for each combination of its values; `name` says what each is called. */
export function expandMatrix(entry: YamlEntry): YamlEntry[] {
  const axes = entriesOf(child(entry.value, 'matrix'))
  if (axes.length === 0) return [entry]
  const legs = axes.reduce<Variables[]>(multiply, [new Map()])
  return legs.map((leg) => {
    const name = textOf(child(entry.value, 'name'))
    const fallback = [entry.key, ...leg.values()].join('-').replace(/[^\w-]/g, '-')
    return { ...entry, key: name === null ? fallback : fill(name, leg), value: fillTree(entry.value, leg) }
  })
}

function multiply(legs: Variables[], { key, value }: YamlEntry): Variables[] {
  const values = itemsOf(value).map((item) => valuesOf(key, item))
  return legs.flatMap((leg) => values.map((added) => new Map([...leg, ...added]))).slice(0, maxTargets)
}

/** `item`, or `item.name` for each part of an object. */
function valuesOf(key: string, item: YamlNode): [string, string][] {
  if (item.kind === 'scalar') return [[key, item.text]]
  return entriesOf(item).flatMap(({ key: part, value }) =>
    value?.kind === 'scalar' ? [[`${key}.${part}`, value.text]] : [],
  )
}
