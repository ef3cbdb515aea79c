import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readRunbook } from '../../src/diagnosis/runbook.ts'
import { checkNames, checkSchema, readCheck } from '../../src/diagnosis/runbook-check.ts'
import { printProblem } from '../../src/diagnosis/runbook-problem.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'

const nothingElse = { minutes: null, steps: null }

test.each([
  ['<!-- check: job-passes -->', { name: 'job-passes', ...nothingElse }],
  ['<!--check: not-same-failure-->', { name: 'not-same-failure', ...nothingElse }],
  ['<!-- check:no-unexpected-miss -->', { name: 'no-unexpected-miss', ...nothingElse }],
  ['<!-- check: build-time under=10m -->', { name: 'build-time', minutes: 10, steps: null }],
  ['<!-- check:  build-time   under=90s  -->', { name: 'build-time', minutes: 1.5, steps: null }],
  ['<!-- check: build-time under=1.5h -->', { name: 'build-time', minutes: 90, steps: null }],
  ['<!-- check: steps-cached of=dependencies -->', { name: 'steps-cached', minutes: null, steps: 'dependencies' }],
  ['<!-- check: steps-cached of=all -->', { name: 'steps-cached', minutes: null, steps: 'all' }],
])('%s is read', (comment, check) => {
  expect(readCheck(comment)).toEqual({ check })
  expect(checkSchema.parse(check)).toEqual(check)
})

test.each([
  ['<!-- check: builds -->', /^the check "builds" is not known, expected one of steps-cached, /],
  ['<!-- check: -->', /^the check "" is not known/],
  ['<!-- check job-passes -->', /^"check job-passes" is no check, expected <!-- check: job-passes -->$/],
  ['<!-- check: build-time -->', /needs `under=`, expected a time .*, e\.g\. <!-- check: build-time under=10m -->$/],
  ['<!-- check: build-time under=ten -->', /should be a time such as 10m, 90s or 1h, found "ten"/],
  ['<!-- check: build-time under=0m -->', /found "0m"/],
  ['<!-- check: build-time under=10m under=5m -->', /has `under=` twice/],
  ['<!-- check: build-time under=10m of=all -->', /has no setting "of=all", expected only `under=`/],
  ['<!-- check: steps-cached of=some -->', /should be `dependencies` or `all`, found "some"/],
  ['<!-- check: job-passes under=10m -->', /^the check job-passes has no setting "under=10m", expected none, e\.g\./],
])('%s is refused with what was expected', (comment, message) => {
  expect(readCheck(comment)).toEqual({ wrong: expect.stringMatching(message) })
})

const page = (...items: string[]) =>
  ['---', 'title: Ours', 'owner: us', '---', '', '## Verification', '', ...items, ''].join('\n')

test('an item is bound by the comment at its end, which is no part of its text', () => {
  const text = page(
    '- [ ] CI builds in `10` minutes <!-- check: build-time under=10m -->',
    '- [ ] The [dashboard](https://example.com) is green <!-- a note -->',
    '- [x] It goes over',
    '  two lines',
    '  <!-- check: job-passes -->',
    '- [ ] `<!-- check: job-passes -->` is how one writes it',
    '- for readers only',
  )
  const { runbook, problems } = readRunbook('ours.md', text)
  expect(problems).toEqual([])
  expect(runbook?.verification).toEqual([
    { text: 'CI builds in `10` minutes', line: 8, check: { name: 'build-time', minutes: 10, steps: null } },
    { text: 'The dashboard is green', line: 9, check: null },
    { text: 'It goes over two lines', line: 10, check: { name: 'job-passes', ...nothingElse } },
    { text: '`<!-- check: job-passes -->` is how one writes it', line: 13, check: null },
  ])
})

test('all mistakes are told at once, each with its line', () => {
  const text = page(
    '- [ ] one <!-- check: job-pases -->',
    '- [ ] two <!-- check: build-time under=soon -->',
    '- three <!-- check: job-passes -->',
    '- [ ] four <!-- check: job-passes --> <!-- check: no-unexpected-miss -->',
  )
  const { runbook, problems } = readRunbook('ours.md', text)
  expect(runbook).toBeNull()
  expect(problems.map(printProblem)).toEqual([
    expect.stringMatching(/^ours\.md:8: the check "job-pases" is not known/),
    expect.stringMatching(/^ours\.md:9: `under=` of the check build-time should be/),
    'ours.md:10: the item "three" has a check and no box, expected - [ ] three <!-- check: job-passes -->',
    'ours.md:11: the item "four" has a second check, expected one: give each check its own item',
  ])
})

test('every page of ours has a Verification whose checks are known, and shows none of them to readers', async () => {
  const { runbooks } = await loadRunbooks([ownRunbooks])
  for (const { file, verification } of runbooks) {
    expect(verification.length, file).toBeGreaterThanOrEqual(2)
    expect(verification.filter(({ check }) => check !== null).length, file).toBeGreaterThanOrEqual(1)
    expect(verification.map(({ text }) => text).join('\n'), file).not.toContain('<!--')
  }
  const used = runbooks.flatMap(({ verification }) => verification.flatMap(({ check }) => check?.name ?? []))
  expect(new Set(used)).toEqual(new Set(checkNames))
})

test('the manual shows only checks that can be read', async () => {
  const manual = await readFile(`${ownRunbooks}/README.md`, 'utf8')
  const shown = manual.match(/<!-- check: [^>]* -->/g) ?? []
  expect(shown.length).toBeGreaterThan(checkNames.length)
  for (const comment of shown) expect(readCheck(comment), comment).toHaveProperty('check')
})
