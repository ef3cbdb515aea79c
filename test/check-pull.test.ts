import { describe, expect, test } from 'vitest'
import type { LocalCheck } from '../src/playground/github.ts'
import { githubDescription } from './support/openapi.ts'
import { startWorld, until, type World, type WorldOptions } from './support/start-bot.ts'

const chef = `FROM rust:1.95 AS chef
WORKDIR /app
RUN cargo install cargo-chef --locked
FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json
FROM chef AS builder
COPY --from=planner /app/recipe.json recipe.json
RUN cargo chef cook --release
COPY . .
RUN cargo build --release
FROM debian:bookworm-slim
COPY --from=builder /app/target/release/service /usr/local/bin/service
`
const plain = `FROM rust:1.95 AS builder
WORKDIR /app
COPY . .
RUN cargo build --release
FROM debian:bookworm-slim
COPY --from=builder /app/target/release/service /usr/local/bin/service
`
const web = `FROM node:22.11
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
`
const ci = `name: CI
on: { push: { branches: [main] }, pull_request: null }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v3
      - uses: docker/build-push-action@v6
        with:
          context: web
          file: web/image.build
          build-args: VERSION=\${{ github.sha }}
          cache-from: type=gha
          cache-to: type=gha,mode=max
`
const base = {
  'service/Dockerfile': chef,
  'service/.dockerignore': 'target\n.git\nDockerfile\n',
  'service/Cargo.toml': '[package]\n',
  'service/Cargo.lock': '\n',
  'service/src/main.rs': 'fn main() {}\n',
  'web/Dockerfile': web,
  'web/.dockerignore': 'node_modules\n.git\nDockerfile\n',
  'web/package.json': '{}\n',
  'web/package-lock.json': '{}\n',
  'web/src/a.ts': 'a\n',
  'web/notes.md': 'a\n',
  'README.md': 'hello\n',
}

describe('a pull request that touches a Dockerfile', () => {
  test('and takes cargo-chef out of it fails, with a remark at the right line', async () => {
    await using world = await startWorld(asked)
    const check = await checked(world, { 'service/Dockerfile': plain })
    expect(check).toMatchObject({ name: 'Layerwise', conclusion: 'failure' })
    expect(check.title).toMatch(/^Prohibited: the cargo-chef stages of the base branch are gone/)
    expect(check.annotations).toContainEqual(
      expect.objectContaining({
        path: 'service/Dockerfile',
        start_line: 4,
        annotation_level: 'failure',
        title: 'Prohibited: cargo-chef-removed',
      }),
    )
    expect(check.summary).toMatch(/^### Prohibited: the cargo-chef stages/)
    expect(githubDescription().problemsOf(world.github.requests)).toEqual([])
    const events = world.github.deliveries.filter(({ event }) => event === 'pull_request')
    expect(
      events.flatMap(({ body }) => githubDescription().problemsOfWebhook('pull_request', JSON.parse(body))),
    ).toEqual([])
  })

  test('and gives it another name fails all the same', async () => {
    await using world = await startWorld(asked)
    const check = await checked(world, { 'service/Dockerfile': null, 'service/Dockerfile.prod': plain })
    expect(check.title).toMatch(/^Prohibited: the cargo-chef stages of the base branch are gone/)
  })

  test('and copies all before the dependencies are installed fails', async () => {
    await using world = await startWorld(asked)
    const bad = web
      .replace('COPY package.json package-lock.json ./', 'COPY . .')
      .replace('COPY . .\nRUN npm run', 'RUN npm run')
    const check = await checked(world, { 'web/Dockerfile': bad })
    expect(check.conclusion).toBe('failure')
    expect(check.annotations.map(({ start_line, title }) => [start_line, title])).toContainEqual([
      3,
      'Prohibited: copy-all-before-install',
    ])
  })

  test('and breaks nothing is told what leaves the cache', async () => {
    await using world = await startWorld(asked)
    const files = { 'web/Dockerfile': web.replace('RUN npm ci', 'RUN npm ci --no-audit'), 'web/src/a.ts': 'b\n' }
    const check = await checked(world, files)
    expect(check).toMatchObject({ conclusion: 'success', title: '3 steps will leave the cache', annotations: [] })
    expect(check.summary).toContain(
      '| `stage-0` | 4 | `RUN npm ci --no-audit` | web/Dockerfile:4: RUN was edited | 2 steps |',
    )
  })

  test('and had a fault before is reminded of it, and does not fail for it', async () => {
    await using world = await startWorld(asked)
    const bad = 'FROM node:22.11\nWORKDIR /app\nCOPY . .\nRUN npm ci\n'
    world.github.commit({ files: { ...base, 'web/Dockerfile': bad } })
    const check = await checked(world, { 'web/Dockerfile': `${bad}RUN npm test\n` }, {})
    expect(check.conclusion).toBe('neutral')
    expect(check.annotations[0]).toMatchObject({ start_line: 3, annotation_level: 'warning' })
    expect(check.annotations[0]?.message).toContain('The base branch has this already.')
  })

  test('and cannot be understood gets a remark there, and no fault', async () => {
    await using world = await startWorld(asked)
    const check = await checked(world, { 'web/Dockerfile': `${web}FORM alpine\n` })
    expect(check.conclusion).toBe('neutral')
    expect(check.annotations).toContainEqual(
      expect.objectContaining({ path: 'web/Dockerfile', start_line: 7, title: 'Cannot be understood' }),
    )
  })

  test('from a fork is checked like any other', async () => {
    await using world = await startWorld(asked)
    const check = await checked(world, { 'service/Dockerfile': plain }, base, 'robin/platform')
    expect(check.conclusion).toBe('failure')
  })

  test('shows its text as text, with secrets masked', async () => {
    await using world = await startWorld(asked)
    const secret = 'ghp_0123456789abcdefABCDEF0123456789abcd'
    const files = {
      'web/Dockerfile': web.replace(
        'RUN npm ci',
        `RUN npm ci --t=${secret} \`@everyone\` | <img src=x> [a](http://x.test)`,
      ),
    }
    const { summary, annotations } = await checked(world, files)
    expect(summary).not.toContain(secret)
    expect(JSON.stringify(annotations)).not.toContain(secret)
    expect(summary).toMatch(/\| ``RUN npm ci --t=\*\*\*\S* `@everyone` \\\| <img src=x> \[a\]\(http:\/\/x\.test\)`` \|/)
  })
})

describe('a pull request that touches something else of a build', () => {
  test('an ignore file: the files that it lets in', async () => {
    await using world = await startWorld(asked)
    world.github.commit({
      files: { ...base, 'web/.dockerignore': 'node_modules\n.git\nDockerfile\n*.md\n.dockerignore\n' },
    })
    const check = await checked(world, { 'web/.dockerignore': 'node_modules\n.git\nDockerfile\n.dockerignore\n' }, {})
    expect(check.summary).toContain('| `stage-0` | 5 | `COPY . .` | `web/notes.md` changed | 1 step |')
  })

  test('a Dockerfile that only a workflow calls one', async () => {
    await using world = await startWorld(asked)
    const files = {
      ...base,
      '.github/workflows/ci.yml': ci,
      'web/image.build': `${web}ARG VERSION\nRUN echo $VERSION\n`,
    }
    world.github.commit({ files: { ...files, 'web/.dockerignore': 'node_modules\n*.build\n' } })
    const check = await checked(world, { 'web/image.build': `${files['web/image.build']}RUN done\n` }, {})
    expect(check.summary).toContain('`RUN echo $VERSION`')
    expect(check.summary).toContain('VERSION will have another value than before')
  })

  test('a workflow: trouble with its cache', async () => {
    await using world = await startWorld(asked)
    world.github.commit({ files: { ...base, '.github/workflows/ci.yml': ci } })
    const check = await checked(world, { '.github/workflows/ci.yml': ci.replace(',mode=max', ',mode=mox') }, {})
    expect(check.conclusion).toBe('neutral')
    expect(check.annotations[0]).toMatchObject({ path: '.github/workflows/ci.yml', start_line: 14 })
  })
})

describe('one check run, and only where it is wanted', () => {
  test('repeated deliveries, and a draft made ready, change nothing', async () => {
    await using world = await startWorld(asked)
    await checked(world, { 'service/Dockerfile': plain })
    const [first] = world.github.deliveries
    if (first) await world.github.redeliver(first)
    await world.github.tellPull(1, 'ready_for_review')
    await settled(world)
    expect(world.github.checkRuns()).toHaveLength(1)
  })

  test('a new commit gets its own', async () => {
    await using world = await startWorld(asked)
    await checked(world, { 'service/Dockerfile': plain })
    world.github.commit({ branch: 'fix', files: { 'service/Dockerfile': chef, 'web/Dockerfile': `${web}RUN x\n` } })
    await world.github.tellPull(1, 'synchronize')
    await until(() => world.github.checkRuns().length === 2)
    expect(world.github.checkRuns().map(({ conclusion }) => conclusion)).toEqual(['failure', 'success'])
  })

  test.each([
    ['nothing of a build', asked, { 'README.md': 'bye\n', 'web/src/a.ts': 'b\n' }],
    [
      'a repository that did not ask',
      { config: { watch: [watching({ checks: false })] } },
      { 'service/Dockerfile': plain },
    ],
    ['a repository that nobody named', {}, { 'service/Dockerfile': plain }],
  ])('%s: none', async (_, options, files) => {
    await using world = await startWorld(options)
    await propose(world, files)
    await settled(world)
    expect(world.github.checkRuns()).toEqual([])
  })

  test('labels and the like are no news', async () => {
    await using world = await startWorld(asked)
    world.github.commit({ files: base })
    world.github.commit({ branch: 'fix', files: { 'service/Dockerfile': plain } })
    const delivery = await world.github.tellPull(world.github.openPull({ head: 'fix' }), 'labeled')
    expect(delivery.status).toBe(200)
  })

  test('the poller hears of it without a webhook', async () => {
    const config = { watch: [watching({ poll: true })], poll: '* * * * * *' }
    await using world = await startWorld({ webhooks: false, config })
    await propose(world, { 'service/Dockerfile': plain })
    await until(() => world.github.checkRuns().length === 1)
    expect(githubDescription().problemsOf(world.github.requests)).toEqual([])
  }, 30_000)
})

describe('when GitHub does not do it', () => {
  test('down for a while: it is tried again', async () => {
    await using world = await startWorld(asked)
    world.github.failNext({ match: 'POST ', status: 502, times: 3 })
    expect((await checked(world, { 'service/Dockerfile': plain })).conclusion).toBe('failure')
  }, 30_000)

  test('without the permission: said once, and not tried again', async () => {
    await using world = await startWorld(asked)
    world.github.failNext({ match: 'POST ', status: 403, times: 50 })
    await propose(world, { 'service/Dockerfile': plain })
    await until(() => refusals(world).length === 1)
    world.github.commit({ branch: 'fix', files: { 'web/Dockerfile': `${web}RUN x\n` } })
    await world.github.tellPull(1, 'synchronize')
    await until(() => posts(world) === 2)
    await settled(world)
    expect(refusals(world)).toHaveLength(1)
    expect(JSON.stringify(refusals(world))).toContain('Checks: write')
    expect(posts(world)).toBe(2)
  }, 30_000)
})

function watching(more: { checks?: boolean; poll?: boolean } = {}) {
  const all = { channel: '#builds', branches: null, workflows: null, poll: false, checks: true }
  return { repository: 'acme/platform', ...all, ...more }
}

const asked: WorldOptions = { config: { watch: [watching()] } }

/** Commits to a branch `fix` and opens a pull request for it. */
async function propose(
  { github }: World,
  files: Record<string, string | null>,
  before = base as Record<string, string>,
  from?: string,
) {
  if (Object.keys(before).length > 0) github.commit({ files: before })
  github.commit({ branch: 'fix', files })
  await github.tellPull(github.openPull({ head: 'fix', ...(from && { headRepository: from }) }))
}

async function checked(
  world: World,
  files: Record<string, string | null>,
  before?: Record<string, string>,
  from?: string,
) {
  await propose(world, files, before, from)
  let check: LocalCheck | undefined
  await until(() => {
    check = world.github.checkRuns()[0]
    return check !== undefined
  }).catch((error) => {
    throw new Error(`${error}\n${JSON.stringify(world.logged.filter(({ level }) => level === 'warn'))}`)
  })
  if (!check) throw new Error('no check run')
  return check
}

/** Until nobody asks GitHub anything any more. */
async function settled({ github }: World) {
  let asked = -1
  while (asked !== github.requests.length) {
    asked = github.requests.length
    await new Promise((resolve) => setTimeout(resolve, 600))
  }
}

function refusals({ logged }: World) {
  return logged.filter(({ message }) => message.startsWith('no check run'))
}

function posts({ github }: World): number {
  return github.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/check-runs')).length
}
