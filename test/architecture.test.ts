import { globSync, readFileSync } from 'node:fs'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { beforeAll, describe, expect, test } from 'vitest'
import { cruiseOptions, importRules, pureFolders } from './support/import-rules.ts'

describe('imports', () => {
  let found: ICruiseResult

  beforeAll(async () => {
    const options = { ...cruiseOptions, validate: true, ruleSet: { forbidden: importRules } }
    const { output } = await cruise(['src', 'commands'], options)
    if (typeof output === 'string') throw new Error('expected the findings as data')
    found = output
  })

  test('run one way', () => {
    expect(found.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([])
  })

  test('are all seen, those of types too', () => {
    // Without a parser for TypeScript the cruise would find nothing, and nothing wrong.
    const importsOf = (file: string) =>
      found.modules.find((module) => module.source === file)?.dependencies.map((to) => to.resolved)
    expect(importsOf('src/diagnosis/run-diagnosis.ts')).toContain('src/diagnosis/explanation.ts')
    expect(importsOf('src/thread/wanted.ts')?.join()).toContain('@slack/types')
  })
})

describe('what is read and not handed on', () => {
  test.each([
    ['the environment', /\bprocess\.env\b/, ['src', 'commands'], ['src/config.ts']],
    ['the clock', /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(/, pureFolders, []],
    ['chance', /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/, pureFolders, []],
  ])('%s stays where it belongs', (_what, pattern, folders, allowed) => {
    const files = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`)).filter((file) => !allowed.includes(file))
    expect(files.filter((file) => pattern.test(withoutComments(readFileSync(file, 'utf8'))))).toEqual([])
  })
})

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
}
