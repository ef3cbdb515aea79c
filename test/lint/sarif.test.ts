import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { applyEdits } from '../../src/lint/finding.ts'
import { lint } from '../../src/lint/lint.ts'
import { sarifOf } from '../../src/lint/sarif.ts'
import { faults } from './faults.ts'
import { filesOf } from './support.ts'

const text = readFileSync(new URL('../fixtures/sarif/sarif-2.1.0-rtm.5.json', import.meta.url), 'utf8')
// Written for draft 4, of which it uses nothing that later drafts read otherwise.
const { $schema: _, id: __, ...schema } = z.looseObject({}).parse(JSON.parse(text))
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
formats.default(ajv)
const isSarif = ajv.compile(schema)

const found = faults.map(({ name, files }) => ({ name, files, findings: lint(files, { strict: true }).findings }))

test('is SARIF 2.1.0 by its schema, whatever was found', () => {
  const log = sarifOf(
    found.flatMap(({ findings }) => findings),
    { version: '1.2.3' },
  )
  isSarif(log)
  expect(isSarif.errors).toBeNull()
  isSarif(sarifOf([], { version: '1.2.3' }))
  expect(isSarif.errors).toBeNull()
})

test('what is ignored is suppressed, with its reason', () => {
  const Dockerfile = '# layerwise ignore=unpinned-base our own, rebuilt nightly\nFROM acme/base\n'
  const log = sarifOf(lint(filesOf({ Dockerfile })).findings, { version: '1.2.3' })
  isSarif(log)
  expect(isSarif.errors).toBeNull()
  expect(JSON.stringify(log)).toContain(
    '"suppressions":[{"kind":"inSource","justification":"our own, rebuilt nightly"}]',
  )
})

const fix = z.object({
  deletedRegion: z.object({ startLine: z.int(), startColumn: z.int(), endLine: z.int(), endColumn: z.int() }),
  insertedContent: z.object({ text: z.string() }).optional(),
})

test('its fixes, applied as the standard says, are the edits, and end the last line', () => {
  const all = found.flatMap(({ files, findings }) => findings.map((finding) => ({ files, finding })))
  for (const { files, finding } of all) {
    if (!finding.edit) continue
    const before = files.texts.get(finding.edit.file) ?? ''
    const [, json = ''] =
      /"replacements":\[(.*?\})\]\}\]\}\]/s.exec(JSON.stringify(sarifOf([finding], { version: '1' }))) ?? []
    expect(replaced(before, fix.parse(JSON.parse(json)))).toBe(`${applyEdits(before, [finding.edit]).trimEnd()}\n`)
  }
})

/** Both ends are in the first column. */
function replaced(before: string, { deletedRegion, insertedContent }: z.infer<typeof fix>): string {
  const lines = before.split('\n')
  const upTo = (line: number) =>
    lines
      .slice(0, line - 1)
      .map((one) => `${one}\n`)
      .join('')
  expect([deletedRegion.startColumn, deletedRegion.endColumn]).toEqual([1, 1])
  const [start, end] = [upTo(deletedRegion.startLine), upTo(deletedRegion.endLine)]
  return start + (insertedContent?.text ?? '') + before.slice(Math.min(end.length, before.length))
}
