import { describe, expect, test } from 'vitest'
import { lint } from '../../src/lint/lint.ts'
import { filesOf, labFiles, planted, styleFiles, styles, withText } from './support.ts'

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

describe('what looks like a fault and is none', () => {
  test.each([
    ['the commit of a tool', ['ARG GIT_COMMIT=4f2c1a9', 'COPY package*.json ./', 'RUN npm ci']],
    ['a value that an install uses', ['ARG BUILD_ID', 'COPY package*.json ./', 'RUN npm ci --tag=$BUILD_ID']],
    ['a value behind the install', ['COPY package*.json ./', 'RUN npm ci', 'ARG GIT_SHA', 'RUN npm run build']],
    ['wheels that were built before', ['COPY . .', 'RUN pip install --no-index --find-links=/w -r requirements.txt']],
    ['packages by name', ['COPY . .', 'RUN npm install -g serve && pip install gunicorn']],
    ['a folder of patches', ['COPY patches patches', 'COPY package*.json ./', 'RUN npm ci']],
    ['a vendored workspace', ['COPY . .', 'RUN go build ./... && cargo build']],
    ['one stage for tests', ['COPY package*.json ./', 'RUN npm ci', 'COPY . .', 'RUN npm test && npm ci --omit=dev']],
    ['an index in a mount', ['RUN --mount=type=cache,target=/var/lib/apt apt-get update', 'RUN apt-get install -y x']],
  ])('%s', (_what, lines) => {
    const Dockerfile = `${['FROM example/tools:1.2', 'WORKDIR /app', ...lines].join('\n')}\n`
    const paths = ['package.json', 'package-lock.json', 'requirements.txt', 'src/a.js', 'patches/a.patch']
    expect(named(filesOf({ Dockerfile, '.dockerignore': '.git\n' }, paths))).toEqual([])
  })

  test('a context with nothing but manifests in it', () => {
    const texts = { Dockerfile: 'FROM node:22\nCOPY . .\nRUN npm ci\n', '.dockerignore': '*\n!package*.json\n' }
    expect(named(filesOf(texts, ['package.json', 'package-lock.json', 'src/a.js', '.git/']))).toEqual([])
  })

  test('a repository that the build asks for its version', () => {
    const texts = { Dockerfile: 'FROM golang:1.25\nCOPY . .\nRUN make VERSION=$(git describe --tags)\n' }
    expect(named(filesOf(texts, ['go.mod', '.git/']))).toEqual([])
  })

  test('a value that no workflow gives is the same every time', () => {
    const texts = {
      Dockerfile: 'FROM node:22\nARG GIT_SHA=unknown\nCOPY package*.json ./\nRUN npm ci\n',
      '.github/workflows/ci.yml': workflowWith('LEVEL=1'),
    }
    expect(named(filesOf(texts))).toEqual([])
  })
})

test('a value that a workflow takes from the commit is one, whatever its name', () => {
  const texts = {
    Dockerfile: 'FROM node:22\nARG LABEL=1\nCOPY package*.json ./\nRUN npm ci\n',
    '.github/workflows/ci.yml': workflowWith('LABEL=${{ github.sha }}'),
  }
  expect(named(filesOf(texts))).toEqual(['Dockerfile:2 warning volatile-arg-before-install'])
})

describe('a workflow', () => {
  test('says in which context a Dockerfile is built', () => {
    const build = workflowWith('A=1').replace('context: .', 'context: .\n          file: ci/image.Dockerfile')
    const texts = { 'ci/image.Dockerfile': 'FROM node:22\nCOPY . .\nRUN npm ci\n', '.github/workflows/ci.yml': build }
    const [finding] = lint(filesOf({ ...texts, '.dockerignore': '.git' }, ['package.json', 'a.js'])).findings
    expect(finding?.edit?.replacement).toEqual(['COPY package.json ./', 'RUN npm ci', 'COPY . .'])
  })

  test('has its own troubles named, with rule and runbook', () => {
    const workflow = workflowWith('A=1').replace(/ +cache-.*\n/g, '')
    const { findings } = lint(filesOf({ Dockerfile: 'FROM node:22\nRUN make\n', '.github/workflows/ci.yml': workflow }))
    expect(findings).toMatchObject([
      { rule: 'not-configured', level: 'warning', runbook: { anchor: 'no-cache-is-configured' } },
    ])
  })
})

function workflowWith(buildArg: string): string {
  return `on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v3
      - uses: docker/build-push-action@v6
        with:
          context: .
          build-args: ${buildArg}
          cache-from: type=gha
          cache-to: type=gha,mode=max
`
}

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
