import { describe, expect, test } from 'vitest'
import { missesOf, runbookTriggers, sha, type TwoBuilds } from './told-misses.ts'

/** Misses held against the table of triggers in the runbook: what it foresees, and what nobody wants. */

const alpine = (digest = 'a') => `docker.io/library/alpine:3@${sha(digest)}`
const expectations = (given: TwoBuilds) => missesOf(given).map(({ step, expected }) => [step, expected])

/** `FROM`, a copy, an install; both ran. */
const installing = (copy: string, install: string) => ({
  dockerfile: `FROM alpine:3\n${copy}\nRUN ${install}\n`,
  log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] ${copy} | DONE 0.1s\n[3/3] RUN ${install} | DONE 60.0s`,
})

test('the table is read from the page', () => {
  expect(runbookTriggers.map(({ change }) => change)).toEqual([
    'Cargo.toml / Cargo.lock',
    'package.json / yarn.lock',
    'Manifest and lock files of other package managers',
    'Source files',
    'Build argument',
    'Dockerfile changes',
    'Base image update',
  ])
})

describe('a manifest or lock file is expected to reach the layer of dependencies', () => {
  test.each([
    ['COPY package.json yarn.lock ./', 'yarn install --frozen-lockfile', 'yarn.lock'],
    ['COPY package*.json ./', 'npm ci', 'package-lock.json'],
    ['COPY package.json pnpm-lock.yaml ./', 'pnpm install', 'pnpm-lock.yaml'],
    ['COPY Cargo.toml Cargo.lock ./', 'cargo fetch', 'Cargo.lock'],
    ['COPY requirements.txt ./', 'pip install -r requirements.txt', 'requirements.txt'],
    ['COPY pyproject.toml poetry.lock ./', 'poetry install', 'poetry.lock'],
    ['COPY pyproject.toml uv.lock ./', 'uv sync', 'uv.lock'],
    ['COPY go.mod go.sum ./', 'go mod download', 'go.sum'],
    ['COPY Gemfile Gemfile.lock ./', 'bundle install', 'Gemfile.lock'],
    ['COPY composer.json composer.lock ./', 'composer install', 'composer.lock'],
    ['COPY pom.xml ./', 'mvn dependency:go-offline', 'pom.xml'],
    ['COPY build.gradle ./', 'gradle dependencies', 'build.gradle'],
    ['COPY . .', 'npm ci', 'packages/ui/package.json'],
  ])('%s, then %s', (copy, install, changed) => {
    expect(expectations({ ...installing(copy, install), changed })).toEqual([[`[2/3] ${copy}`, true]])
  })
})

describe('a source file is not', () => {
  test.each([
    ['COPY . .', 'npm ci', 'src/index.ts'],
    ['COPY . .', 'cargo fetch', 'src/main.rs'],
    ['COPY . .', 'pip install -r requirements.txt', 'app/views.py'],
  ])('%s, then %s', (copy, install, changed) => {
    expect(expectations({ ...installing(copy, install), changed })).toEqual([[`[2/3] ${copy}`, false]])
  })

  test('but with a manifest beside it', () => {
    expect(expectations({ ...installing('COPY . .', 'npm ci'), changed: 'src/index.ts\npackage.json' })).toEqual([
      ['[2/3] COPY . .', true],
    ])
  })
})

test('a source file is expected to reach what is built of it', () => {
  const cargo = installing('COPY . .', 'cargo build --release')
  expect(expectations({ ...cargo, changed: 'src/main.rs' })).toEqual([['[2/3] COPY . .', true]])
  expect(expectations({ ...installing('COPY src src', 'make'), changed: 'src/a.c' })).toEqual([
    ['[2/3] COPY src src', true],
  ])
})

test.each(['.git/HEAD', 'node_modules/a/index.js', 'target/debug/app', 'npm-debug.log'])(
  '%s is expected to reach nothing: no image wants it',
  (changed) => {
    expect(expectations({ ...installing('COPY . .', 'make'), changed })).toEqual([['[2/3] COPY . .', false]])
  },
)

describe('what is not a file', () => {
  const moved = (install: string): TwoBuilds => ({
    dockerfile: `FROM alpine:3\nRUN ${install}\n`,
    log: `[1/2] FROM ${alpine('b')} | DONE 0.1s\n[2/2] RUN ${install} | DONE 60.0s`,
    previous: `[1/2] FROM ${alpine('a')} | DONE 0.1s\n[2/2] RUN ${install} | DONE 60.0s`,
  })
  const edited = (install: string): TwoBuilds => ({
    dockerfile: `FROM alpine:3\nCOPY a a\nRUN ${install}\n`,
    previousDockerfile: `FROM alpine:3\nCOPY a a\nRUN ${install} --old\n`,
    log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] COPY a a | CACHED\n[3/3] RUN ${install} | DONE 60.0s`,
    changed: 'Dockerfile',
  })
  const argument = (install: string): TwoBuilds => ({
    dockerfile: `FROM alpine:3\nCOPY a a\nARG V\nRUN ${install}\n`,
    log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] COPY a a | CACHED\n[3/3] RUN ${install} | DONE 60.0s`,
    buildArgs: { now: new Map([['V', '2']]), before: new Map([['V', '1']]) },
  })
  test.each<[string, TwoBuilds, boolean]>([
    ['a base image that moved', moved('make'), true],
    ['a base image that moved under dependencies', moved('npm ci'), true],
    ['an edit of the Dockerfile', edited('make'), true],
    ['an edit of the Dockerfile above dependencies', edited('npm ci'), true],
    ['a build argument', argument('make'), true],
    ['a build argument before dependencies', argument('npm ci'), false],
  ])('%s', (_, given, wanted) => {
    expect(missesOf(given).map(({ expected }) => expected)).toEqual([wanted])
  })
})

describe('what follows another stage', () => {
  const dockerfile = `
    FROM rust:1 AS planner
    COPY . .
    RUN cargo chef prepare
    FROM rust:1 AS cacher
    COPY --from=planner /recipe.json recipe.json
    RUN cargo chef cook
  `
  const log = `
    [planner 1/3] FROM docker.io/library/rust:1@${sha('a')} | CACHED
    [planner 2/3] COPY . . | DONE 0.1s
    [planner 3/3] RUN cargo chef prepare | DONE 0.5s
    [cacher 2/3] COPY --from=planner /recipe.json recipe.json | DONE 0.1s
    [cacher 3/3] RUN cargo chef cook | DONE 90.0s`
  test.each([
    ['Cargo.lock', true, true],
    ['crates/a/Cargo.toml', true, true],
    ['src/main.rs', true, false],
  ])('%s: the planner runs at every commit, cook for manifests only', (changed, planner, cacher) => {
    expect(expectations({ dockerfile, log, changed })).toEqual([
      ['[planner 2/3] COPY . .', planner],
      ['[cacher 2/3] COPY --from=planner /recipe.json recipe.json', cacher],
    ])
  })
})
