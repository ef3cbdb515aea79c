import type { Leg, Matrix, Value } from './workflow.ts'
import { child, entriesOf, entryNamed, itemsOf, plainValue, type YamlEntry, type YamlNode } from './yaml-source.ts'

/** GitHub makes no more jobs than this from one matrix. */
const maxLegs = 256

/** The legs of a job, as GitHub makes them: the product of the axes, less `exclude`, joined with `include`. */
export function readMatrix(job: YamlNode | null): Matrix | null {
  const entry = entryNamed(child(job, 'strategy'), 'matrix')
  if (entry === null) return null
  if (entry.value?.kind !== 'map') return { line: entry.line, legs: [], symbolic: true }
  const axes = entry.value.entries.filter(({ key }) => key !== 'include' && key !== 'exclude')
  const symbolic = entry.value.entries.some(isSymbolic)
  const product = axes.filter((axis) => !isSymbolic(axis)).reduce(multiply, [{}])
  const excluded = rows(child(entry.value, 'exclude'))
  const kept = product.filter((leg) => !excluded.some((row) => agrees(row, leg)))
  const start = axes.length === 0 ? [] : kept
  return { line: entry.line, legs: include(start, rows(child(entry.value, 'include'))).slice(0, maxLegs), symbolic }
}

function isSymbolic({ value }: YamlEntry): boolean {
  return value?.kind === 'scalar' && value.text.includes('${{')
}

function multiply(legs: Leg[], { key, value }: YamlEntry): Leg[] {
  const values = itemsOf(value).map(plainValue)
  return legs.flatMap((leg) => values.map((item) => ({ ...leg, [key]: item }))).slice(0, maxLegs)
}

function rows(node: YamlNode | null): Leg[] {
  return itemsOf(node).map((row) =>
    Object.fromEntries(entriesOf(row).map(({ key, value }) => [key, plainValue(value)])),
  )
}

function agrees(row: Leg, leg: Leg): boolean {
  return Object.entries(row).every(([key, value]) => same(leg[key], value))
}

/** A row joins every leg whose own values it does not overwrite; one that fits none is a leg of its own. */
function include(original: Leg[], included: Leg[]): Leg[] {
  const legs = original.map((leg) => ({ ...leg }))
  const added: Leg[] = []
  for (const row of included) {
    const fits = original.flatMap((leg, index) => {
      const shared = Object.entries(row).filter(([key]) => key in leg)
      return shared.every(([key, value]) => same(leg[key], value)) ? [index] : []
    })
    if (fits.length === 0) added.push(row)
    for (const index of fits) Object.assign(legs[index] ?? {}, row)
  }
  return [...legs, ...added]
}

function same(left: Value | undefined, right: Value): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}
