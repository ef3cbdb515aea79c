import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { indexSigns } from '../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../src/diagnosis/runbooks.ts'
import { explainCase, type JudgedMiss, judgeMisses, readMissTruth, reasonsAccepted } from './score/miss.ts'

/**
 * Why steps missed, against what was done to the sources, the registry and the cache service before each build. `lab` are
 * the builds of the lab; `misses` are 151 others that were made when the rules stood and were first looked at then. What
 * logs and files alone cannot decide is listed with the reason why; there `unknown` or a neighbour is said.
 */
const undecidable = new Map([
  ['classic-cold', 'the classic builder ran WORKDIR; the truth counts from the first COPY'],
  ['file-mode-change', 'the list of changed files names the file, not that only its mode changed'],
  ['source-date-epoch-change', 'no log shows the build arguments'],
  ['gha-scope-overwritten', 'which other build wrote the scope is in no log of this one'],
  ['ignore-flag-no-cache-filter-other', 'the flag is in no log, and no WORKDIR stands before the step'],
  ['no-cache-filter-and-source', 'the same'],
  ['ignore-lets-file-in', 'which files the ignore file held back before is in no list'],
  ['ignore-takes-file-out', 'the same'],
  ['mono-generated-untracked', 'git does not list the file'],
  ['php-console-x-bit', 'the list names the file, not that only its mode changed'],
  ['php-directory-mode-fresh', 'git keeps no modes of folders'],
  ['php-empty-directory', 'git keeps no empty folders'],
  ['php-group-write', 'git keeps no group bits'],
  ['platform-switched', 'with one platform no name tells which'],
  ['reg-no-cache-configured', 'a runner that starts empty looks like a builder that was pruned'],
])

const accept = reasonsAccepted(fileURLToPath(new URL('fixtures/lab', import.meta.url)))
const signs = indexSigns(await loadRunbooks([ownRunbooks]))

describe.each(['lab', 'misses'])('builds of %s', (name) => {
  const folder = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
  const truths = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => readMissTruth(readFileSync(`${folder}/${file}`, 'utf8')) ?? [])
  const judge = async (truth: (typeof truths)[number]): Promise<JudgedMiss[]> =>
    judgeMisses(truth, await explainCase(folder, truth, signs), accept)

  test.each(truths.filter(({ id }) => !undecidable.has(id)))('$id: step, reason and file', async (truth) => {
    const wrong = (await judge(truth)).filter(
      ({ stepRight, reasonRight, fileRight }) => !stepRight || reasonRight === false || fileRight === false,
    )
    expect(wrong).toEqual([])
  })

  test('every step is right, most reasons are, and no file is named that the step cannot copy', async () => {
    const judged = (await Promise.all(truths.map(judge))).flat()
    const share = (right: (one: JudgedMiss) => boolean | null) => {
      const told = judged.flatMap((one) => right(one) ?? [])
      return told.filter(Boolean).length / told.length
    }
    expect(judged.length).toBeGreaterThan(150)
    expect(share(({ stepRight }) => stepRight)).toBeGreaterThanOrEqual(0.98)
    expect(share(({ reasonRight }) => reasonRight)).toBeGreaterThanOrEqual(name === 'lab' ? 0.98 : 0.9)
    expect(judged.flatMap(({ id, impossible }) => impossible.map((file) => `${id}: ${file}`))).toEqual([])
  })
})
