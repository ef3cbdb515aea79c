import type { Row } from '../../src/diagnosis/runbook.ts'
import { readSign, type Sign } from '../../src/diagnosis/runbook-sign.ts'
import type { Catalogue } from '../../src/diagnosis/runbooks.ts'

type Written = Partial<Omit<Row, 'id' | 'signs' | 'all' | 'unless' | 'step' | 'stepUnless'>> & {
  signs?: string[]
  all?: string[]
  unless?: (string | { where: Row['where']; sign: string })[]
  step?: string
  stepUnless?: string
}

/** A cause as a page would give it, with its signs as they are written there. */
export function row(id: string, { signs = [], all = [], unless = [], step, stepUnless, ...over }: Written): Row {
  const where = over.where ?? ['step']
  return {
    line: 1,
    family: 'run',
    title: `title of ${id}`,
    summary: `summary of ${id}`,
    severity: 'fatal',
    transient: 'no',
    decidedBy: 'signs',
    rank: 50,
    fix: [],
    remedies: [],
    runbook: { file: 'ours.md', anchor: id },
    samples: [],
    ...over,
    id,
    where,
    signs: signs.map(sign),
    all: all.map(sign),
    unless: unless.map((one) =>
      typeof one === 'string' ? { where, sign: sign(one) } : { where: one.where, sign: sign(one.sign) },
    ),
    step: step === undefined ? null : sign(step),
    stepUnless: stepUnless === undefined ? null : sign(stepUnless),
  }
}

export function catalogueOf(...rows: Row[]): Catalogue {
  return { runbooks: [], rows: new Map(rows.map((one) => [one.id, one])) }
}

function sign(written: string): Sign {
  const read = readSign(written, 1)
  if ('wrong' in read) throw new Error(`"${written}" ${read.wrong}`)
  return read
}
