import type { Row } from '../../src/diagnosis/runbook.ts'
import { readSign, type Sign, type TextSign } from '../../src/diagnosis/runbook-sign.ts'
import type { Catalogue } from '../../src/diagnosis/runbooks.ts'

type WrittenCondition =
  | string
  | { where?: Row['where']; sign: string; of?: number; anywhere?: boolean; choice?: number }
type Written = Partial<Omit<Row, 'id' | 'signs' | 'all' | 'unless' | 'step' | 'stepUnless'>> & {
  signs?: (string | Sign)[]
  all?: WrittenCondition[]
  unless?: WrittenCondition[]
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
    confirmedBy: [],
    rank: 50,
    fix: [],
    remedies: [],
    runbook: { file: 'ours.md', anchor: id },
    samples: [],
    ...over,
    id,
    where,
    signs: signs.map((one) => (typeof one === 'string' ? sign(one) : one)),
    all: all.map((one, choice) => condition(one, where, choice)),
    unless: unless.map((one, choice) => condition(one, where, choice)),
    step: step === undefined ? null : sign(step),
    stepUnless: stepUnless === undefined ? null : sign(stepUnless),
  }
}

export function catalogueOf(...rows: Row[]): Catalogue {
  return { runbooks: [], rows: new Map(rows.map((one) => [one.id, one])) }
}

function condition(written: WrittenCondition, where: Row['where'], choice: number): Row['all'][number] {
  const defaults = { where, of: null, anywhere: false, choice }
  if (typeof written === 'string') return { ...defaults, sign: sign(written) }
  return { ...defaults, ...written, sign: sign(written.sign) }
}

function sign(written: string): TextSign {
  const read = readSign(written, 1)
  if ('wrong' in read) throw new Error(`"${written}" ${read.wrong}`)
  return read
}
