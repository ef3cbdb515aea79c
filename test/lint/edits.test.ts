import { expect, test } from 'vitest'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'
import { applyEdits } from '../../src/lint/finding.ts'
import { lint } from '../../src/lint/lint.ts'
import { faults } from './faults.ts'
import { withText } from './support.ts'

test.each(faults)('$name: is named', ({ rule, files, edit }) => {
  const { findings } = lint(files)
  expect(findings.map((finding) => finding.rule)).toContain(rule)
  expect(findings.find((finding) => finding.rule === rule)?.edit !== null).toBe(edit)
})

test.each(faults)('$name: the edits end it, and nothing else begins', ({ files }) => {
  const before = lint(files, { strict: true }).findings
  for (const { edit, rule } of before) {
    if (!edit) continue
    const text = files.texts.get(edit.file) ?? ''
    const edited = withText(files, edit.file, applyEdits(text, [edit]))
    const after = lint(edited, { strict: true }).findings
    expect(after.map((finding) => finding.rule).sort()).toEqual(
      without(
        before.map((finding) => finding.rule),
        rule,
      ).sort(),
    )
    const count = (source: string) => readDockerfile(source, 'Dockerfile').problems.length
    if (edit.file.endsWith('Dockerfile')) expect(count(applyEdits(text, [edit]))).toBe(count(text))
  }
})

test('the edits, as they are proposed', async () => {
  const shown = faults.flatMap(({ name, files, rule }) => {
    const edit = lint(files).findings.find((finding) => finding.rule === rule)?.edit
    return edit ? [`## ${name}\n${applyEdits(files.texts.get(edit.file) ?? '', [edit])}`] : []
  })
  await expect(shown.join('\n')).toMatchFileSnapshot('__snapshots__/edits.txt')
})

function without(rules: string[], rule: string): string[] {
  const at = rules.indexOf(rule)
  return rules.filter((_, index) => index !== at)
}
