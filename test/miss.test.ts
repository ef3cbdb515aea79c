import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { indexSigns } from '../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../src/diagnosis/runbooks.ts'
import { explainCase, type JudgedMiss, judgeMisses, readMissTruth, reasonsAccepted } from './score/miss.ts'

/**
 * Why steps missed, against what was done to the sources, the registry and the cache service before each build of the
 * lab. What cannot be known from the logs and files alone is listed here, with the reason.
 */
const undecidable = new Map([
  ['classic-cold', 'the classic builder ran WORKDIR; the truth counts from the first COPY'],
  ['file-mode-change', 'the list of changed files names the file, not that only its mode changed'],
  ['source-date-epoch-change', 'no log shows the build arguments'],
])

const folder = fileURLToPath(new URL('fixtures/lab', import.meta.url))
const accept = reasonsAccepted(folder)
const signs = indexSigns(await loadRunbooks([ownRunbooks]))
const truths = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => readMissTruth(readFileSync(`${folder}/${name}`, 'utf8')) ?? [])

const judge = async (truth: (typeof truths)[number]): Promise<JudgedMiss[]> =>
  judgeMisses(truth, await explainCase(folder, truth, signs), accept)

describe('builds of the lab', () => {
  test.each(truths.filter(({ id }) => !undecidable.has(id)))('$id: step, reason and file', async (truth) => {
    const judged = await judge(truth)
    const wrong = judged.filter(
      ({ stepRight, reasonRight, fileRight }) => !stepRight || reasonRight === false || fileRight === false,
    )
    expect(wrong).toEqual([])
  })

  test('no file is named that the step cannot copy', async () => {
    const judged = (await Promise.all(truths.map(judge))).flat()
    expect(judged.length).toBeGreaterThan(200)
    expect(judged.flatMap(({ id, impossible }) => impossible.map((file) => `${id}: ${file}`))).toEqual([])
  })
})
