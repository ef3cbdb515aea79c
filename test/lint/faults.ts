import type { LintFiles } from '../../src/lint/files.ts'
import { filesOf, labFiles, planted, withText } from './support.ts'

/** Repositories with one thing wrong, and the rule that has to say so. */
export type Fault = { name: string; rule: string; files: LintFiles; edit: boolean }

const managers: [string, string, string[]][] = [
  ['npm', 'npm ci', ['package.json', 'package-lock.json']],
  ['npm, with its cleaning', 'npm ci && npm cache clean --force', ['package.json', 'package-lock.json', '.npmrc']],
  ['yarn', 'yarn', ['package.json', 'yarn.lock']],
  ['yarn berry', 'yarn install --immutable', ['package.json', 'yarn.lock', '.yarnrc.yml', '.yarn/releases/yarn-4.cjs']],
  ['pnpm', 'pnpm install --frozen-lockfile', ['package.json', 'pnpm-lock.yaml', 'patches/left-pad.patch']],
  ['pnpm workspace', 'pnpm i', ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'packages/a/package.json']],
  ['bun', 'bun install', ['package.json', 'bun.lockb']],
  ['pip', 'pip install --no-cache-dir -r requirements.txt', ['requirements.txt']],
  ['pip, from a folder', 'pip install -r requirements/prod.txt', ['requirements/prod.txt', 'requirements/base.txt']],
  ['pip, as a module', 'python3 -m pip install -r ./requirements.txt', ['requirements.txt']],
  ['poetry', 'poetry install --no-root', ['pyproject.toml', 'poetry.lock']],
  ['poetry with the project', 'poetry install --without dev', ['pyproject.toml', 'poetry.lock']],
  ['uv', 'uv sync --locked --no-install-project', ['pyproject.toml', 'uv.lock']],
  ['uv with the project', 'uv sync --locked', ['pyproject.toml', 'uv.lock']],
  ['pipenv', 'pipenv install --system --deploy', ['Pipfile', 'Pipfile.lock']],
  ['go', 'go mod download', ['go.mod', 'go.sum']],
  ['composer', 'composer install --no-dev', ['composer.json', 'composer.lock']],
  ['bundler', 'bundle install --jobs 4', ['Gemfile', 'Gemfile.lock']],
  ['maven', './mvnw -B dependency:go-offline', ['pom.xml', 'mvnw', '.mvn/wrapper/maven-wrapper.properties']],
  ['maven modules', 'mvn dependency:resolve', ['pom.xml', 'api/pom.xml', 'web/pom.xml']],
  [
    'gradle',
    './gradlew dependencies',
    ['build.gradle', 'settings.gradle', 'gradlew', 'gradle/wrapper/gradle-wrapper.jar'],
  ],
  ['dotnet', 'dotnet restore', ['Shop.sln', 'src/Shop/Shop.csproj']],
  ['install and build in one', 'npm ci && npm run build', ['package.json', 'package-lock.json']],
]

const badOrder = managers.map(([name, command, manifests]): Fault => {
  const text = `FROM example/tools:1.2 AS build\nWORKDIR /app\n# all of it\nCOPY --chown=1000:1000 . .\nENV CI=true\nRUN ${command}\nRUN make\n`
  const files = filesOf({ Dockerfile: text, '.dockerignore': '.git\n' }, [
    ...manifests,
    'main.src',
    'lib/more.src',
    '.git/',
  ])
  return { name: `copy first: ${name}`, rule: 'copy-all-before-install', files, edit: true }
})

const chef = [
  'FROM rust:1.90 AS chef',
  'WORKDIR /app',
  'FROM chef AS planner',
  'COPY . .',
  'RUN cargo chef prepare --recipe-path recipe.json',
  'FROM chef AS builder',
  'COPY --from=planner /app/recipe.json recipe.json',
  'RUN cargo chef cook --release --recipe-path recipe.json',
  'COPY . .',
  'RUN cargo build --release',
]
const rust = ['Cargo.toml', 'Cargo.lock', 'src/main.rs']

function withoutChef(name: string, lines: string[]): Fault {
  const files = filesOf({ Dockerfile: `${lines.join('\n')}\n` }, rust, { Dockerfile: chef.join('\n') })
  return { name, rule: 'cargo-chef-removed', files, edit: false }
}

const one = (name: string, rule: string, lines: string[], edit = true, others: string[] = []): Fault => ({
  ...{ name, rule, edit },
  files: filesOf({ Dockerfile: `${lines.join('\n')}\n`, '.dockerignore': '.git\n' }, others),
})

const node = ['package.json', 'package-lock.json', 'src/index.js']

export const faults: Fault[] = [
  ...['badorder', 'argtop', 'latest'].map((name, at) => ({
    name: `lab: ${name}`,
    rule: ['copy-all-before-install', 'volatile-arg-before-install', 'unpinned-base'][at] ?? '',
    files: withText(labFiles(), 'web/Dockerfile', planted(name)),
    edit: at < 2,
  })),
  {
    name: 'lab: root',
    rule: 'copy-all-before-install',
    files: withText(labFiles(), 'Dockerfile', planted('root')),
    edit: true,
  },
  ...badOrder,
  one(
    'copy first: without listing of manifests',
    'copy-all-before-install',
    ['FROM node:22', 'COPY . .', 'RUN npm ci'],
    false,
    ['src/a.js'],
  ),
  one(
    'copy first: ADD',
    'copy-all-before-install',
    ['FROM node:22', 'ADD . /app/', 'WORKDIR /app', 'RUN npm ci'],
    true,
    node,
  ),
  one(
    'copy first: a folder with the project in it',
    'copy-all-before-install',
    ['FROM node:22', 'COPY web/ /app/', 'WORKDIR /app', 'RUN npm ci'],
    true,
    ['web/package.json', 'web/package-lock.json', 'web/src/index.js'],
  ),
  one(
    'copy first: in the stage below',
    'copy-all-before-install',
    ['FROM node:22 AS base', 'COPY . .', 'FROM base', 'RUN npm ci'],
    false,
    node,
  ),
  one(
    'copy first: a heredoc',
    'copy-all-before-install',
    ['FROM node:22', 'COPY . .', 'RUN <<EOF', 'npm ci', 'npm run build', 'EOF'],
    false,
    node,
  ),
  one(
    'copy first: setup in between',
    'copy-all-before-install',
    ['FROM node:22', 'COPY . .', 'RUN corepack enable \\', '  && npm config set fund false', 'RUN npm ci'],
    true,
    node,
  ),
  one(
    'copy first: what is between needs the sources',
    'copy-all-before-install',
    ['FROM node:22', 'COPY . .', 'RUN ./setup.sh', 'RUN npm ci'],
    false,
    node,
  ),
  one(
    'copy first: manifests before, install behind',
    'copy-all-before-install',
    ['FROM node:22', 'COPY package*.json ./', 'COPY . .', 'RUN npm ci'],
    true,
    node,
  ),
  one(
    'copy first: two languages',
    'copy-all-before-install',
    ['FROM example/all:1', 'COPY . .', 'RUN npm ci', 'RUN pip install -r requirements.txt', 'RUN make'],
    true,
    [...node, 'requirements.txt'],
  ),
  one(
    'copy first: cook behind the sources',
    'copy-all-before-install',
    [...chef.slice(0, 7), chef[8] ?? '', chef[7] ?? '', chef[9] ?? ''],
    true,
    rust,
  ),
  one(
    'copy first: cargo fetch',
    'copy-all-before-install',
    ['FROM rust:1.90', 'COPY . .', 'RUN cargo fetch'],
    false,
    rust,
  ),
  one(
    'copy first: the project itself',
    'copy-all-before-install',
    ['FROM python:3.13', 'COPY . .', 'RUN pip install .'],
    false,
    ['pyproject.toml', 'x/__init__.py'],
  ),
  withoutChef('chef: the stages are gone', ['FROM rust:1.90', 'COPY . .', 'RUN cargo build --release']),
  withoutChef('chef: the cook is gone', [...chef.slice(0, 6), ...chef.slice(8)]),
  withoutChef('chef: the planner is gone', [
    ...chef.slice(0, 2),
    ...chef.slice(5).filter((line) => !line.includes('--from=planner')),
  ]),
  withoutChef('chef: built before it is cooked', [...chef.slice(0, 7), ...chef.slice(8), chef[7] ?? '']),
  withoutChef('chef: what was cooked is not copied', [...chef.slice(0, 8), 'FROM chef AS app', ...chef.slice(8)]),
  one(
    'argument: with ENV and LABEL',
    'volatile-arg-before-install',
    [
      'FROM node:22',
      'ARG GIT_SHA',
      'ENV GIT_SHA=${GIT_SHA} \\',
      '    RELEASE=v-$GIT_SHA',
      'LABEL revision=$GIT_SHA',
      'COPY package*.json ./',
      'RUN npm ci',
      'COPY . .',
      'RUN npm run build',
    ],
    true,
    node,
  ),
  one(
    'argument: needed in between',
    'volatile-arg-before-install',
    ['FROM node:22', 'ARG GIT_SHA', 'RUN echo $GIT_SHA > /version', 'COPY package*.json ./', 'RUN npm ci'],
    false,
    node,
  ),
  one(
    'argument: in the stage below',
    'volatile-arg-before-install',
    ['FROM node:22 AS base', 'ARG BUILD_DATE', 'FROM base', 'COPY package*.json ./', 'RUN npm ci'],
    false,
    node,
  ),
  one('base: no tag', 'unpinned-base', ['FROM debian', 'RUN true'], false),
  one(
    'base: latest of a registry with a port',
    'unpinned-base',
    ['FROM registry.acme.example:5000/base:latest'],
    false,
  ),
  one('base: a default', 'unpinned-base', ['ARG BASE=node:latest', 'FROM $BASE'], false),
  one('apt: two steps', 'apt-update-alone', [
    'FROM debian:13',
    'RUN apt-get update',
    'RUN apt-get install -y curl \\',
    '    git',
  ]),
  one('apt: with a mount', 'apt-update-alone', [
    'FROM debian:13',
    'RUN apt-get -qq update',
    'ENV A=1',
    '',
    'RUN --mount=type=cache,target=/tmp/x apt-get install -y curl',
  ]),
  one(
    'apt: more than an update',
    'apt-update-alone',
    ['FROM debian:13', 'RUN apt-get update && apt-get upgrade -y', 'RUN apt-get install -y curl'],
    false,
  ),
  {
    ...{ name: 'ignore file: none', rule: 'missing-dockerignore', edit: true },
    files: filesOf({ Dockerfile: 'FROM nginx:1.29\nCOPY . /srv\n' }, ['package.json', 'node_modules/', '.git/']),
  },
  {
    ...{ name: 'ignore file: not enough', rule: 'missing-dockerignore', edit: true },
    files: filesOf({ Dockerfile: 'FROM nginx:1.29\nCOPY . /srv\n', '.dockerignore': '*.md' }, [
      'package.json',
      '.git/',
    ]),
  },
]
