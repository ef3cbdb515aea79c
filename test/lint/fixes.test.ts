import { describe, expect, test } from 'vitest'
import type { Miss } from '../../src/cache/miss.ts'
import { fixesOf, keepsRules } from '../../src/lint/fixes.ts'

const miss = (more: Partial<Miss>): Miss => ({
  stage: 'build',
  step: '[build 3/5] COPY . .',
  reason: 'file-changed',
  files: ['web/src/app.ts'],
  detail: 'web/src/app.ts changed',
  expected: false,
  secondsLost: 40,
  certainty: 'high',
  ...more,
})

const badOrder = `FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN yarn install --frozen-lockfile
RUN yarn build
`
const chef = `FROM rust:1.95-bookworm AS chef
WORKDIR /app

FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS builder
COPY --from=planner /app/recipe.json recipe.json
RUN cargo chef cook --release --recipe-path recipe.json
COPY . .
RUN cargo build --release
`

describe('fixes', () => {
  test('are the edits of the rule that a miss shows to be broken', () => {
    const [fix, ...more] = fixesOf([miss({})], new Map([['web/Dockerfile', badOrder]]))
    expect(more).toEqual([])
    expect(fix).toMatchObject({ rule: 'copy-all-before-install', file: 'web/Dockerfile', line: 3 })
    expect(fix?.diff).toContain('-COPY . .\n+COPY package.json yarn.lock ./\n')
  })

  test('are not made for a miss that was to be expected, nor for a reason that no file of ours decides', () => {
    const texts = new Map([['web/Dockerfile', badOrder]])
    expect(fixesOf([miss({ expected: true })], texts)).toEqual([])
    expect(fixesOf([miss({ reason: 'base-image-moved' })], texts)).toEqual([])
    expect(fixesOf([miss({})], new Map())).toEqual([])
  })

  test('are for the costliest miss first', () => {
    const text = badOrder.replace('WORKDIR /app', 'ARG GIT_SHA\nWORKDIR /app')
    const argument = miss({ reason: 'build-arg-changed', files: [], secondsLost: 60 })
    expect(fixesOf([miss({}), argument], new Map([['Dockerfile', text]])).map(({ rule }) => rule)).toEqual([
      'volatile-arg-before-install',
      'copy-all-before-install',
    ])
  })
})

describe('an edit', () => {
  const texts = new Map([['Dockerfile', chef]])

  test('that takes the cargo-chef stages away is never offered', () => {
    const edit = { file: 'Dockerfile', startLine: 4, endLine: 10, replacement: ['FROM chef AS builder'] }
    expect(keepsRules(edit, texts)).toBe(false)
  })

  test('that copies everything before the installation is never offered', () => {
    const good = new Map([
      [
        'Dockerfile',
        badOrder.replace(
          'COPY . .\nRUN yarn install --frozen-lockfile\n',
          'COPY package.json yarn.lock ./\nRUN yarn install --frozen-lockfile\nCOPY . .\n',
        ),
      ],
    ])
    expect(keepsRules({ file: 'Dockerfile', startLine: 3, endLine: 3, replacement: ['COPY . .'] }, good)).toBe(false)
    expect(
      keepsRules({ file: 'Dockerfile', startLine: 1, endLine: 1, replacement: ['FROM node:24-slim AS build'] }, good),
    ).toBe(true)
  })
})
