import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readChangedFiles } from '../../src/cache/changed-files.ts'
import { predictMisses } from '../../src/cache/predict/predict.ts'
import { readIgnore } from '../../src/dockerfile/ignore.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'

const texts = [
  ...new Set(globSync('test/fixtures/{lab,lint}/**/*Dockerfile').map((path) => readFileSync(path, 'utf8'))),
]

const predict = (before: string, after: string, changed = '') =>
  predictMisses({
    dockerfile: readDockerfile(after, 'Dockerfile'),
    previousDockerfile: readDockerfile(before, 'Dockerfile'),
    changed: readChangedFiles(changed),
    ignore: readIgnore('.git\n'),
    context: '',
  })

describe('any Dockerfile', () => {
  test('that stays as it is loses nothing', () => {
    expect(texts.length).toBeGreaterThan(40)
    for (const text of texts) expect(predict(text, text)).toEqual([])
  })

  test('to which remarks and empty lines are added loses nothing', () => {
    for (const text of texts.filter((one) => !/\\\s*$|<<|^\s*#/m.test(one)))
      expect(predict(text, text.replace(/^(?=\w)/gm, '\n# a remark\n'))).toEqual([])
  })

  test('whose stages get other names loses nothing', () => {
    for (const text of texts.filter((one) => !/<<|\$/.test(one) && !looksAhead(one))) {
      const names = [...text.matchAll(/^FROM .* AS (\S+)/gim)].flatMap(([, name]) => name ?? [])
      const renamed = names.reduce(
        (all, name) => all.replace(new RegExp(`(\\bAS |from=|^FROM )${name}\\b(?=[\\s,]|$)`, 'gim'), `$1x-${name}`),
        text,
      )
      expect(predict(text, renamed)).toEqual([])
    }
  })

  test('cut and put together in any way makes nothing throw, and every miss stands at an instruction', () => {
    const lines = texts.flatMap((text) => text.split('\n'))
    const file = fc.array(fc.constantFrom(...lines, 'FROM a AS b', 'FROM b AS a', 'COPY --from=b . .'), {
      maxLength: 25,
    })
    fc.assert(
      fc.property(file, file, (before, after) => {
        const misses = predict(before.join('\n'), after.join('\n'), 'package.json\nsrc/\nCargo.lock')
        return misses.every(({ line, dependents }) => line >= 1 && line <= after.length && dependents >= 0)
      }),
      { numRuns: 500 },
    )
  })
})

/** `--from` of a later stage is an image of that name. */
function looksAhead(text: string): boolean {
  const { stages } = readDockerfile(text, 'Dockerfile')
  const names = stages.map(({ name }) => name)
  return stages.some(({ instructions }) =>
    instructions.some(({ copy }) => copy?.from?.kind === 'image' && names.includes(copy.from.image)),
  )
}
