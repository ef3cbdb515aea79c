import { describe, expect, test } from 'vitest'
import { lint } from '../../src/lint/lint.ts'
import { labFiles, planted, styleFiles, styles, withText } from './support.ts'

const named = (files: Parameters<typeof lint>[0], strict = false) =>
  lint(files, { strict }).findings.map(({ rule, level, file, line }) => `${file}:${line} ${level} ${rule}`)

describe('no false alarm', () => {
  test('on the lab project', () => {
    expect(lint(labFiles())).toMatchObject({ findings: [], problems: [] })
  })

  test.each(styles)('on %s', (name) => {
    const { findings, problems, dockerfiles } = lint(styleFiles(name))
    expect({ findings, problems, dockerfiles }).toEqual({ findings: [], problems: [], dockerfiles: ['Dockerfile'] })
  })
})

describe('planted faults of the lab', () => {
  test.each([
    ['badorder', ['web/Dockerfile:3 prohibited copy-all-before-install']],
    ['argtop', ['web/Dockerfile:2 warning volatile-arg-before-install']],
    ['latest', ['web/Dockerfile:1 warning unpinned-base']],
  ])('%s is named', (name, expected) => {
    expect(named(withText(labFiles(), 'web/Dockerfile', planted(name)))).toEqual(expected)
  })

  test('root, which copies the whole repository for one folder of it', () => {
    expect(named(withText(labFiles(), 'Dockerfile', planted('root')))).toEqual([
      'Dockerfile:3 prohibited copy-all-before-install',
      'Dockerfile:3 warning missing-dockerignore',
    ])
  })
})
