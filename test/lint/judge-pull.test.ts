import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readChangedFiles } from '../../src/cache/changed-files.ts'
import type { KeptBuild, KeptStep } from '../../src/cache/kept-build.ts'
import { judgePull } from '../../src/lint/judge-pull.ts'

const web = `FROM node:22.11 AS deps
WORKDIR /app
COPY package.json yarn.lock ./
RUN yarn install --frozen-lockfile
FROM deps AS build
COPY . .
RUN yarn build
FROM nginx:1.27 AS runner
COPY nginx.conf /etc/nginx/conf.d/default.conf
COPY --from=build /app/dist /usr/share/nginx/html
`
const ci = `on: { push: { branches: [main] }, pull_request: null }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v3
      - uses: docker/build-push-action@v6
        with: { context: web, target: runner, cache-from: type=gha, cache-to: 'type=gha,mode=max' }
`
const before = {
  'web/Dockerfile': web,
  'web/.dockerignore': 'node_modules\n.git\nDockerfile\n',
  '.github/workflows/ci.yml': ci,
}
const others = ['web/package.json', 'web/yarn.lock', 'web/src/a.ts', 'web/nginx.conf']

test('the summary that the README shows is the one of such a pull request', () => {
  const bad = web.replace('COPY package.json yarn.lock ./', 'COPY . .')
  const { conclusion, summary } = judged({ 'web/Dockerfile': bad }, ['web/src/a.ts'])
  expect(conclusion).toBe('failure')
  expect(readFileSync('README.md', 'utf8')).toContain(`\`\`\`\`markdown\n${summary}\n\`\`\`\``)
})

describe('what the conclusion rests on', () => {
  test('a fault of the base branch that somebody touches is a warning; one that nobody touches is in the summary', () => {
    const bad = web.replace('COPY package.json yarn.lock ./', 'COPY . .').replace('node:22.11', 'node:latest')
    const old = { ...before, 'web/Dockerfile': bad }
    const touched = judged({ 'web/Dockerfile': `${bad}EXPOSE 80\n` }, [], old)
    expect(touched.conclusion).toBe('neutral')
    expect(touched.remarks.map(({ level, startLine }) => [level, startLine])).toEqual([['warning', 3]])
    expect(touched.summary).toContain('that this pull request did not bring</summary>')
    expect(touched.summary).toContain('`unpinned-base`')
  })

  test('lines that the pull request writes are its own, also when the base branch had the fault', () => {
    const old = { ...before, 'web/Dockerfile': web.replace('node:22.11', 'node:latest') }
    const other = judged({ 'web/Dockerfile': web.replace('node:22.11', 'node') }, [], old)
    expect(other.remarks.map(({ title, startLine }) => [title, startLine])).toEqual([['unpinned-base', 1]])
  })

  test('a file that the pull request does not change gets no remark', () => {
    const bad = web.replace('COPY package.json yarn.lock ./', 'COPY . .')
    const old = { ...before, 'web/Dockerfile': bad }
    const { remarks, summary, conclusion } = judged({ 'web/.dockerignore': 'node_modules\n' }, [], old)
    expect(remarks).toEqual([])
    expect(conclusion).toBe('neutral')
    expect(summary).toContain('`web/Dockerfile:3`')
  })

  test('what is ignored with a reason is not told', () => {
    const bad = web.replace(
      'COPY package.json yarn.lock ./',
      '# layerwise ignore=copy-all-before-install tiny\nCOPY . .',
    )
    expect(judged({ 'web/Dockerfile': bad })).toMatchObject({ conclusion: 'success', remarks: [] })
  })
})

test('a hundred Dockerfiles with thousands of findings stay within what GitHub takes', () => {
  const bad = `FROM node\nCOPY . .\n${'RUN npm ci\nRUN apt-get update\n'.repeat(50)}`
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`app${n}/Dockerfile`, bad]))
  const { remarks, conclusion } = judged(files)
  expect(conclusion).toBe('failure')
  expect(remarks.length).toBeLessThanOrEqual(100)
}, 20_000)

test('what a fault costs is measured in the builds that are remembered', () => {
  const bad = web.replace('COPY package.json yarn.lock ./', 'COPY . .')
  const name = '[deps 4/4] RUN yarn install --frozen-lockfile'
  const step = { name, stage: 'deps', platform: null, status: 'executed', seconds: 42 } as const
  const { summary } = judged({ 'web/Dockerfile': bad }, [], before, [remembered(step), remembered(step)])
  expect(summary).toContain('Measured: 42 s in each of 2 builds.')
})

function remembered(step: KeptStep): KeptBuild {
  return {
    ...{
      repository: 'acme/web',
      workflow: 'CI',
      jobName: 'build',
      series: 's',
      branch: 'main',
      event: 'push',
      ref: null,
    },
    ...{ sha: 'a'.repeat(40), runId: 1, attempt: 1, jobId: 1, index: 0, at: new Date(0), outcome: 'succeeded' },
    ...{ hitRate: 0, seconds: 42, cached: 0, executed: 1, steps: [step], firstMisses: [], imports: [], exports: [] },
  }
}

function judged(
  after: Record<string, string>,
  more: string[] = [],
  old: Record<string, string> = before,
  history: KeptBuild[] = [],
) {
  const [was, is] = [new Map(Object.entries(old)), new Map(Object.entries({ ...old, ...after }))]
  const pull = {
    changed: readChangedFiles([...Object.keys(after), ...more].join('\n')),
    head: { paths: [...is.keys(), ...others], texts: is, base: was },
    base: { paths: [...was.keys(), ...others], texts: was, base: null },
    missing: [],
  }
  return judgePull(pull, history)
}
