import { describe, expect, test } from 'vitest'
import type { Change } from '../../src/cache/change.ts'
import { readChangedFiles } from '../../src/cache/changed-files.ts'
import { predictMisses } from '../../src/cache/predict/predict.ts'
import { readIgnore } from '../../src/dockerfile/ignore.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'

const web = `FROM node:22 AS deps
WORKDIR /app
COPY package.json yarn.lock ./
RUN yarn install
FROM deps AS build
COPY . .
RUN yarn build
FROM nginx AS runner
COPY nginx.conf /etc/nginx/
COPY --from=build /app/dist /srv
`

describe('what an edit of the Dockerfile takes out of the cache', () => {
  const edited = (before: string, from: string, to: string) => told(before.replace(from, to), { before })
  const plain = 'FROM alpine\nENV A=1\nWORKDIR /app\nCOPY a .\nARG V=1\nRUN make\nCMD x\n'

  test.each([
    ['a RUN', 'RUN make', 'RUN make all', ['stage-0:6 instruction-changed high']],
    ['a COPY, and what stands on it', 'COPY a .', 'COPY a b', ['stage-0:4 instruction-changed high']],
    ['ENV reaches the next RUN and no COPY before it', 'A=1', 'A=2', ['stage-0:6 env-changed high']],
    ['so does the default of an ARG', 'V=1', 'V=2', ['stage-0:6 build-arg-changed high']],
    ['FROM takes all', 'FROM alpine', 'FROM debian', ['stage-0:3 base-image-moved high']],
    ['CMD takes nothing', 'CMD x', 'CMD y', []],
    ['neither does a remark', 'ENV', '# why\nENV', []],
    ['nor another way to write the same variable', 'ENV A=1', 'ENV A 1', []],
    ['nor the name of the stage', 'FROM alpine', 'FROM alpine AS one', []],
  ])('%s', (_, from, to, expected) => {
    expect(edited(plain, from, to)).toEqual(expected)
  })

  test('a stage follows the stage it stands on, surely; one that copies from it, perhaps', () => {
    expect(edited(web, 'RUN yarn install', 'RUN yarn install --immutable')).toEqual([
      'deps:4 instruction-changed high',
      'build:6 upstream-stage-changed high < deps',
      'runner:10 upstream-stage-changed medium < build',
    ])
  })

  test('a renamed stage keeps its layers, and so do those that copy from it', () => {
    const renamed = web.replace('AS build', 'AS built').replace('=build', '=built')
    expect(told(renamed, { before: web })).toEqual([])
  })

  test('an argument before FROM counts where it is used', () => {
    const before = 'ARG NODE=20\nARG TAG=a\nFROM node:${NODE}\nWORKDIR /a\nFROM alpine\nARG TAG\nCOPY x .\nRUN echo\n'
    expect(edited(before, 'NODE=20', 'NODE=22')).toEqual([])
    expect(told(before.replace('NODE=20', 'NODE=22'), { before, target: '0' })).toEqual([
      'stage-0:4 base-image-moved high',
    ])
    expect(edited(before, 'TAG=a', 'TAG=b')).toEqual(['stage-1:8 build-arg-changed high'])
  })

  test('a layer of COPY --link stands on nothing', () => {
    const before = 'FROM nginx:1\nCOPY --link a /a\nRUN true\nCOPY --link b /b\nCOPY c /c\n'
    expect(edited(before, 'nginx:1', 'nginx:2')).toEqual(['stage-0:3 base-image-moved high'])
    expect(predicted(before.replace('nginx:1', 'nginx:2'), { before })[0]?.dependents).toBe(1)
    expect(told(before, { changed: ['a'] })).toEqual(['stage-0:2 file-changed high a'])
  })

  test('ids of cache mounts are in no key', () => {
    const before = 'FROM a\nRUN --mount=type=cache,id=x,target=/c make\n'
    expect(edited(before, 'id=x', 'id=y,sharing=locked')).toEqual([])
    expect(edited(before, '/c', '/d')).toEqual(['stage-0:2 instruction-changed high'])
  })

  test('a new Dockerfile is built for the first time', () => {
    expect(told(plain, { before: null })).toEqual(['stage-0:3 first-build high'])
  })
})

describe('what changed files take out of the cache', () => {
  test.each([
    [['src/a.ts'], ['build:6 file-changed high src/a.ts', 'runner:10 upstream-stage-changed medium < build src/a.ts']],
    [['docs/a.md'], []],
    [['nginx.conf'], ['build:6 file-changed high nginx.conf', 'runner:9 file-changed high nginx.conf']],
    [
      ['M\tyarn.lock'],
      [
        'deps:3 file-changed high yarn.lock',
        'build:6 upstream-stage-changed high < deps yarn.lock',
        'runner:10 upstream-stage-changed medium < build yarn.lock',
      ],
    ],
  ])('%j', (changed, expected) => {
    expect(told(web, { changed, ignore: 'docs' })).toEqual(expected)
  })

  test('files outside the context are none, and paths are those of the repository', () => {
    expect(told(web, { changed: ['api/package.json'], context: 'web' })).toEqual([])
    expect(told(web, { changed: ['web/package.json'], context: 'web' })[0]).toBe(
      'deps:3 file-changed high web/package.json',
    )
  })

  test('what may miss is told together with what surely will', () => {
    const text = 'FROM a AS one\nCOPY x .\nFROM a\nCOPY --from=one /x .\nCOPY y .\n'
    expect(told(text, { changed: ['x', 'y'] })).toEqual([
      'one:2 file-changed high x',
      'stage-1:4 upstream-stage-changed medium < one x',
      'stage-1:5 file-changed high y',
    ])
  })

  test('a bind mount is like a COPY', () => {
    const text =
      'FROM a AS one\nCOPY x .\nFROM a\nRUN --mount=type=bind,source=s,target=/s make\nFROM a\nRUN --mount=from=one,target=/o make\n'
    expect(told(text, { changed: ['s/f'], target: '1' })).toEqual(['stage-1:4 file-changed high s/f'])
    expect(told(text, { changed: ['x'] })).toEqual([
      'one:2 file-changed high x',
      'stage-2:6 upstream-stage-changed medium < one x',
    ])
  })

  test('stages that the target does not need are not built', () => {
    expect(told(web, { changed: ['src/a.ts'], target: 'deps' })).toEqual([])
  })

  test('permission bits alone are a reason of their own', () => {
    expect(told(web, { changed: ['package.json (mode only)'], target: 'deps' })).toEqual([
      'deps:3 file-metadata-changed high package.json',
    ])
  })

  test('dependencies should run for their manifests only', () => {
    const bad = 'FROM node\nCOPY . .\nRUN npm ci\n'
    expect(predicted(bad, { changed: ['src/a.ts'] })[0]?.expected).toBe(false)
    expect(predicted(bad, { changed: ['package.json'] })[0]?.expected).toBe(true)
    expect(predicted(web, { changed: ['src/a.ts'] }).map(({ expected }) => expected)).toEqual([true, true])
  })
})

describe('an edited ignore file', () => {
  const text = 'FROM a\nCOPY src src\nCOPY . .\n'
  const files = ['.dockerignore', 'docs/a.md', 'src/a.ts', 'src/notes.md']

  test('lets files in, and takes others away', () => {
    const change = { changed: ['.dockerignore'], ignore: 'docs\n.dockerignore', files }
    expect(told(text, { ...change, previousIgnore: '.dockerignore' })).toEqual([
      'stage-0:3 file-changed high docs/a.md',
    ])
    expect(told(text, { ...change, previousIgnore: '**/*.md\n.dockerignore' })).toEqual([
      'stage-0:2 file-changed high src/notes.md',
    ])
    expect(told(text, { ...change, previousIgnore: '.dockerignore\ndocs\nnothing' })).toEqual([])
  })

  test('is a guess while nobody knows the files', () => {
    const change = { changed: ['.dockerignore'], ignore: 'docs\n.dockerignore', previousIgnore: '.dockerignore' }
    expect(told(text, change)).toEqual(['stage-0:3 file-changed low'])
  })
})

describe('build arguments', () => {
  const text = 'FROM a\nRUN one\nARG V\nENV W=$V\nCOPY x .\nRUN two\nFROM a\nCOPY $V .\n'
  const buildArgs = { now: new Map([['V', '2']]), before: new Map([['V', '1']]) }
  const change = (target: string): Partial<Change> => ({ buildArgs, target })

  test('reach the first RUN after their ARG, and what spells them', () => {
    expect(told(text, {}, change('0'))).toEqual(['stage-0:6 build-arg-changed high'])
    expect(told(text, {}, change('1'))).toEqual([])
  })
})

describe('cargo-chef', () => {
  const service = `FROM rust AS chef
WORKDIR /app
FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json
FROM chef AS builder
COPY --from=planner /app/recipe.json recipe.json
RUN cargo chef cook --release
COPY . .
RUN cargo build --release
`

  test('a change of sources leaves the dependencies cached, and that is said', () => {
    expect(told(service, { changed: ['M\tsrc/main.rs'] })).toEqual([
      'planner:4 file-changed high src/main.rs',
      'builder:9 file-changed high src/main.rs',
    ])
    expect(predicted(service, { changed: ['M\tsrc/main.rs'] })[0]?.stays).toBe(
      'recipe.json comes out the same, so `cargo chef cook` (line 8) stays cached',
    )
  })

  test.each([['Cargo.lock'], ['crates/a/Cargo.toml'], ['A\tsrc/bin/other.rs'], ['rust-toolchain.toml']])(
    '%s may be in the recipe',
    (file) => {
      expect(told(service, { changed: [file] }).join()).toContain('builder:7 upstream-stage-changed medium < planner')
      expect(predicted(service, { changed: [file] })[0]?.stays).toBe(null)
    },
  )
})

test('a large change of a large Dockerfile is foretold in well under a second', () => {
  const stage = (n: number) =>
    [
      `FROM ${n === 0 ? 'node' : `s${n - 1}`} AS s${n}`,
      ...Array.from({ length: 10 }, (_, at) => (at % 2 ? `RUN make ${n} ${at}` : `COPY part${n}-${at} .`)),
    ].join('\n')
  const text = `${Array.from({ length: 10 }, (_, n) => stage(n)).join('\n')}\n`
  const changed = Array.from({ length: 3_000 }, (_, n) => `src/folder${n % 50}/file${n}.ts`)
  const ignore = Array.from({ length: 50 }, (_, n) => `**/ignored-${n}/*.log`).join('\n')
  const start = performance.now()
  expect(told(`${text}RUN last\n`, { before: text, changed, ignore })).toEqual(['s9:111 instruction-changed high'])
  const ms = performance.now() - start
  console.log(`100 steps, 3,000 files: ${ms.toFixed(0)} ms`)
  expect(ms).toBeLessThan(1_000)
})

type Given = {
  before?: string | null
  changed?: string[]
  ignore?: string
  previousIgnore?: string
  files?: string[]
  context?: string
  target?: string
}

function predicted(text: string, given: Given, more: Partial<Change> = {}) {
  const before = given.before === undefined ? text : given.before
  return predictMisses({
    dockerfile: readDockerfile(text, 'Dockerfile'),
    previousDockerfile: before === null ? null : readDockerfile(before, 'Dockerfile'),
    changed: readChangedFiles((given.changed ?? []).join('\n')),
    ignore: readIgnore(given.ignore ?? ''),
    context: given.context ?? '',
    ...(given.previousIgnore !== undefined && { previousIgnore: readIgnore(given.previousIgnore) }),
    ...(given.files && { files: given.files }),
    target: given.target ?? null,
    ...more,
  })
}

function told(text: string, given: Given, more: Partial<Change> = {}): string[] {
  return predicted(text, given, more).map(({ stage, line, reason, certainty, follows, files }) =>
    [`${stage}:${line}`, reason, certainty, ...(follows ? ['<', follows] : []), ...files].join(' '),
  )
}
