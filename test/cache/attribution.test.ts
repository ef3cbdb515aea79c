import { describe, expect, test } from 'vitest'
import { sha, type TwoBuilds, toldShort } from './told-misses.ts'

/** Reasons beside each other, shared and hidden steps, and every way in which a step takes files in. */

const node = `docker.io/library/node:22@${sha('a')}`
const alpine = (digest = 'a') => `docker.io/library/alpine:3@${sha(digest)}`

const chef = `
  FROM rust:1 AS chef
  WORKDIR /app
  FROM chef AS planner
  COPY . .
  RUN cargo chef prepare
  FROM chef AS cacher
  COPY --from=planner /app/recipe.json recipe.json
  RUN cargo chef cook
  FROM chef AS builder
  COPY . .
  COPY --from=cacher /app/target target
  RUN cargo build
`

const web = `
  FROM node:22 AS deps
  COPY package.json yarn.lock ./
  RUN yarn install
  FROM node:22 AS build
  COPY --from=deps /node_modules node_modules
  COPY src src
  RUN yarn build
`

type Case = [string, TwoBuilds, string[]]

const stages: Case[] = [
  [
    'two stages with a reason each',
    {
      dockerfile: web,
      log: `
        [deps 1/3] FROM ${node} | CACHED
        [deps 2/3] COPY package.json yarn.lock ./ | DONE 0.1s
        [deps 3/3] RUN yarn install | DONE 9.0s
        [build 2/4] COPY --from=deps /node_modules node_modules | CACHED
        [build 3/4] COPY src src | DONE 0.1s
        [build 4/4] RUN yarn build | DONE 9.0s`,
      changed: 'src/a.ts\nyarn.lock\nREADME.md',
    },
    [
      '[deps 2/3] COPY package.json yarn.lock ./: file-changed yarn.lock',
      '[build 3/4] COPY src src: file-changed src/a.ts',
    ],
  ],
  [
    'the stage that is copied from, and not the file that comes later',
    {
      dockerfile: web,
      log: `
        [deps 1/3] FROM ${node} | CACHED
        [deps 2/3] COPY package.json yarn.lock ./ | CACHED
        [deps 3/3] RUN yarn install | DONE 9.0s
        [build 2/4] COPY --from=deps /node_modules node_modules | DONE 0.3s
        [build 3/4] COPY src src | DONE 0.1s
        [build 4/4] RUN yarn build | DONE 9.0s`,
      previousDockerfile: web.replace('yarn install', 'yarn install --prod'),
      changed: 'src/a.ts\nDockerfile',
    },
    [
      '[deps 3/3] RUN yarn install: instruction-changed',
      '[build 2/4] COPY --from=deps /node_modules node_modules: upstream-stage-changed',
    ],
  ],
  [
    'an instruction that was edited counts before a file in it',
    {
      dockerfile: 'FROM alpine:3\nCOPY src lib\nRUN make\n',
      previousDockerfile: 'FROM alpine:3\nCOPY src src\nRUN make\n',
      log: `
        [1/3] FROM ${alpine()} | CACHED
        [2/3] COPY src lib | DONE 0.1s
        [3/3] RUN make | DONE 0.1s`,
      changed: 'src/a.ts\nDockerfile',
    },
    ['[2/3] COPY src lib: instruction-changed'],
  ],
  [
    'a base that moved counts before a file that is copied onto it',
    {
      dockerfile: 'FROM alpine:3\nCOPY src src\nRUN make\n',
      log: `
        [1/3] FROM ${alpine('b')} | DONE 0.1s
        [2/3] COPY src src | DONE 0.1s
        [3/3] RUN make | DONE 0.1s`,
      previous: `[1/3] FROM ${alpine('a')} | DONE 0.1s\n[2/3] COPY src src | DONE 0.1s\n[3/3] RUN make | DONE 0.1s`,
      changed: 'src/a.ts',
    },
    ['[2/3] COPY src src: base-image-moved'],
  ],
  [
    'a base of which only the configuration moved is the reason of the first RUN',
    {
      dockerfile: 'FROM alpine:3\nCOPY src src\nRUN make\n',
      log: `
        [1/3] FROM ${alpine('b')} | DONE 0.1s
        [2/3] COPY src src | CACHED
        [3/3] RUN make | DONE 0.1s`,
      previous: `[1/3] FROM ${alpine('a')} | DONE 0.1s\n[2/3] COPY src src | DONE 0.1s\n[3/3] RUN make | DONE 0.1s`,
    },
    ['[3/3] RUN make: base-image-moved'],
  ],
  [
    'and of no COPY after one that was found',
    {
      dockerfile: 'FROM alpine:3\nCOPY lib lib\nCOPY src src\n',
      log: `
        [1/3] FROM ${alpine('b')} | DONE 0.1s
        [2/3] COPY lib lib | CACHED
        [3/3] COPY src src | DONE 0.1s`,
      previous: `[1/3] FROM ${alpine('a')} | DONE 0.1s\n[2/3] COPY lib lib | DONE 0.1s\n[3/3] COPY src src | DONE 0.1s`,
      changed: 'src/a.ts',
    },
    ['[3/3] COPY src src: file-changed src/a.ts'],
  ],
  [
    'one base that moved under two stages is the reason of both',
    {
      dockerfile: 'FROM alpine:3 AS a\nRUN one\nFROM alpine:3 AS b\nRUN two\n',
      log: `
        [a 1/2] FROM ${alpine('b')} | DONE 0.1s
        [a 2/2] RUN one | DONE 0.1s
        [b 2/2] RUN two | DONE 0.1s`,
      previous: `[a 1/2] FROM ${alpine('a')} | DONE 0.1s\n[a 2/2] RUN one | DONE 0.1s\n[b 2/2] RUN two | DONE 0.1s`,
    },
    ['[a 2/2] RUN one: base-image-moved', '[b 2/2] RUN two: base-image-moved'],
  ],
  [
    'another value of an ARG in FROM',
    {
      dockerfile: 'ARG TAG=3\nFROM alpine:$TAG\nRUN make\n',
      log: `[1/2] FROM docker.io/library/alpine:4@${sha('b')} | DONE 0.1s\n[2/2] RUN make | DONE 0.1s`,
      previous: `[1/2] FROM docker.io/library/alpine:3@${sha('a')} | DONE 0.1s\n[2/2] RUN make | DONE 0.1s`,
    },
    ['[2/2] RUN make: base-image-moved'],
  ],
]

const shared: Case[] = [
  [
    'the COPY that planner and builder have in common',
    {
      dockerfile: chef,
      log: `
        [chef 1/2] FROM docker.io/library/rust:1@${sha('a')} | CACHED
        [chef 2/2] WORKDIR /app | CACHED
        [planner 1/2] COPY . . | DONE 0.1s
        [planner 2/2] RUN cargo chef prepare | DONE 0.5s
        [cacher 1/2] COPY --from=planner /app/recipe.json recipe.json | CACHED
        [cacher 2/2] RUN cargo chef cook | CACHED
        [builder 2/3] COPY --from=cacher /app/target target | DONE 1.0s
        [builder 3/3] RUN cargo build | DONE 9.0s`,
      changed: 'src/main.rs',
    },
    [
      '[planner 1/2] COPY . .: file-changed src/main.rs',
      '[builder 2/3] COPY --from=cacher /app/target target: parent-step-changed src/main.rs',
    ],
  ],
  [
    'shown under the name of the later stage',
    {
      dockerfile: chef,
      log: `
        [chef 1/2] FROM docker.io/library/rust:1@${sha('a')} | CACHED
        [chef 2/2] WORKDIR /app | CACHED
        [builder 1/3] COPY . . | DONE 0.1s
        [planner 2/2] RUN cargo chef prepare | DONE 0.5s
        [cacher 1/2] COPY --from=planner /app/recipe.json recipe.json | CACHED
        [cacher 2/2] RUN cargo chef cook | CACHED
        [builder 2/3] COPY --from=cacher /app/target target | DONE 1.0s
        [builder 3/3] RUN cargo build | DONE 9.0s`,
      changed: 'src/main.rs',
    },
    [
      '[builder 1/3] COPY . .: file-changed src/main.rs',
      '[planner 2/2] RUN cargo chef prepare: parent-step-changed src/main.rs',
    ],
  ],
  [
    'one that was found, before a RUN that was edited',
    {
      dockerfile: chef,
      previousDockerfile: chef.replace('cargo build', 'cargo build --release'),
      log: `
        [chef 1/2] FROM docker.io/library/rust:1@${sha('a')} | CACHED
        [planner 1/2] COPY . . | CACHED
        [builder 2/3] COPY --from=cacher /app/target target | CACHED
        [builder 3/3] RUN cargo build | DONE 9.0s`,
      changed: 'Dockerfile',
    },
    ['[builder 3/3] RUN cargo build: instruction-changed'],
  ],
  [
    'not what stands on another parent, though it reads the same',
    {
      dockerfile: 'FROM alpine:3 AS a\nRUN x\nCOPY s s\nFROM alpine:3 AS b\nRUN y\nCOPY s s\nRUN z\n',
      log: `
        [a 1/3] FROM ${alpine()} | CACHED
        [a 2/3] RUN x | CACHED
        [a 3/3] COPY s s | DONE 0.1s
        [b 2/4] RUN y | CACHED
        [b 3/4] COPY s s | CACHED
        [b 4/4] RUN z | DONE 0.1s`,
      previousDockerfile: 'FROM alpine:3 AS a\nRUN x\nCOPY s s\nFROM alpine:3 AS b\nRUN y\nCOPY s s\nRUN zz\n',
      changed: 's\nDockerfile',
    },
    ['[a 3/3] COPY s s: file-changed s', '[b 4/4] RUN z: instruction-changed'],
  ],
]

const built: Case[] = [
  [
    'what the stage below followed',
    {
      dockerfile: 'FROM alpine:3 AS base\nCOPY a a\nFROM base AS app\nRUN make\n',
      log: `
        [base 1/2] FROM ${alpine()} | CACHED
        [base 2/2] COPY a a | DONE 0.1s
        [app 1/1] RUN make | DONE 1.0s`,
      changed: 'a',
    },
    ['[base 2/2] COPY a a: file-changed a', '[app 1/1] RUN make: upstream-stage-changed a'],
  ],
  [
    'its own file on a stage that was found',
    {
      dockerfile: 'FROM alpine:3 AS base\nCOPY a a\nFROM base AS app\nCOPY b b\n',
      log: `
        [base 1/2] FROM ${alpine()} | CACHED
        [base 2/2] COPY a a | CACHED
        [app 1/1] COPY b b | DONE 1.0s`,
      changed: 'b',
    },
    ['[app 1/1] COPY b b: file-changed b'],
  ],
  [
    'an edit of the stage below, of which no step is shown',
    {
      dockerfile: 'FROM alpine:3 AS base\nENV A=2\nFROM base AS app\nRUN make\n',
      previousDockerfile: 'FROM alpine:3 AS base\nENV A=1\nFROM base AS app\nRUN make\n',
      log: `[base 1/1] FROM ${alpine()} | CACHED\n[app 1/1] RUN make | DONE 1.0s`,
      changed: 'Dockerfile',
    },
    ['[app 1/1] RUN make: env-changed'],
  ],
  [
    'a stage that is new',
    {
      dockerfile: 'FROM alpine:3 AS base\nCOPY a a\nFROM base AS extra\nCOPY b b\nFROM base\nRUN make\n',
      previousDockerfile: 'FROM alpine:3 AS base\nCOPY a a\nFROM base\nRUN make\n',
      log: `
        [base 1/2] FROM ${alpine()} | CACHED
        [base 2/2] COPY a a | CACHED
        [extra 1/1] COPY b b | DONE 1.0s
        [stage-2 1/1] RUN make | CACHED`,
      previous: `[base 1/2] FROM ${alpine()} | CACHED\n[base 2/2] COPY a a | CACHED\n[stage-1 1/1] RUN make | CACHED`,
      changed: 'Dockerfile\nb',
    },
    ['[extra 1/1] COPY b b: instruction-changed'],
  ],
]

const bind = 'FROM alpine:3\nWORKDIR /app\nRUN --mount=type=bind,source=app,target=/app make\n'
const bindLog = (state: string) => `
  [1/3] FROM ${alpine()} | CACHED
  [2/3] WORKDIR /app | CACHED
  [3/3] RUN --mount=type=bind,source=app,target=/app make | ${state}`

const takenIn: Case[] = [
  [
    'what a bind mount shows it',
    { dockerfile: bind, log: bindLog('DONE 1.0s'), changed: 'app/a\nother' },
    ['[3/3] RUN --mount=type=bind,source=app,target=/app make: file-changed app/a'],
  ],
  [
    'what a bind mount of the whole context shows it, but for what is ignored',
    {
      dockerfile: 'FROM alpine:3\nWORKDIR /app\nRUN --mount=target=. make\n',
      log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] WORKDIR /app | CACHED\n[3/3] RUN --mount=target=. make | DONE 1.0s`,
      ignore: 'docs\n*.md\n!README.md',
      changed: 'docs/a\nb.md\nREADME.md',
    },
    ['[3/3] RUN --mount=target=. make: file-changed README.md'],
  ],
  [
    'what a bind mount of another stage shows it',
    {
      dockerfile:
        'FROM alpine:3 AS gen\nCOPY g g\nFROM alpine:3\nRUN --mount=type=bind,from=gen,source=/g,target=/g make\n',
      log: `
        [gen 1/2] FROM ${alpine()} | CACHED
        [gen 2/2] COPY g g | DONE 0.1s
        [stage-1 2/2] RUN --mount=type=bind,from=gen,source=/g,target=/g make | DONE 0.1s`,
      changed: 'g/a',
    },
    [
      '[gen 2/2] COPY g g: file-changed g/a',
      '[stage-1 2/2] RUN --mount=type=bind,from=gen,source=/g,target=/g make: upstream-stage-changed g/a',
    ],
  ],
  [
    'a cache mount takes nothing in',
    {
      dockerfile: 'FROM alpine:3\nCOPY a a\nRUN --mount=type=cache,target=/root/.npm npm ci\n',
      log: `
        [1/3] FROM ${alpine()} | CACHED
        [2/3] COPY a a | CACHED
        [3/3] RUN --mount=type=cache,target=/root/.npm npm ci | DONE 0.1s`,
      changed: 'root/.npm/x\npackage.json',
    },
    ['[3/3] RUN --mount=type=cache,target=/root/.npm npm ci: unknown'],
  ],
  [
    'COPY --link with its own file',
    {
      dockerfile: 'FROM alpine:3\nCOPY --link src src\nRUN make\n',
      log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] COPY --link src src | DONE 0.1s\n[3/3] RUN make | DONE 0.1s`,
      changed: 'src/a',
    },
    ['[2/3] COPY --link src src: file-changed src/a'],
  ],
  [
    'what the value of an argument makes of its words, where the log shows it',
    {
      dockerfile: 'FROM alpine:3\nARG TENANT\nCOPY config/$TENANT.json /c\nRUN make\n',
      log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] COPY config/acme.json /c | DONE 0.1s\n[3/3] RUN make | DONE 0.1s`,
      changed: 'config/other.json\nconfig/acme.json',
    },
    ['[2/3] COPY config/acme.json /c: file-changed config/acme.json'],
  ],
  [
    'COPY --exclude leaves its own out',
    {
      dockerfile: 'FROM alpine:3\nCOPY --exclude=*.md src src\n',
      log: `[1/2] FROM ${alpine()} | CACHED\n[2/2] COPY --exclude=*.md src src | DONE 0.1s`,
      changed: 'src/a.md\nsrc/b.c',
    },
    ['[2/2] COPY --exclude=*.md src src: file-changed src/b.c'],
  ],
  [
    'ADD of an archive of the context',
    {
      dockerfile: 'FROM alpine:3\nADD rootfs.tar.gz /\n',
      log: `[1/2] FROM ${alpine()} | CACHED\n[2/2] ADD rootfs.tar.gz / | DONE 0.1s`,
      changed: 'rootfs.tar.gz',
    },
    ['[2/2] ADD rootfs.tar.gz /: file-changed rootfs.tar.gz'],
  ],
  [
    'ADD of an address with its checksum is never another file',
    {
      dockerfile: `FROM alpine:3\nCOPY a a\nADD --checksum=${sha('c')} https://acme.dev/tool /tool\n`,
      log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] COPY a a | CACHED\n[3/3] ADD --checksum=${sha('c')} https://acme.dev/tool /tool | DONE 0.1s`,
    },
    [`[3/3] ADD --checksum=${sha('c')} https://acme.dev/tool /tool: unknown`],
  ],
  [
    'nor is one of a repository at a commit',
    {
      dockerfile: `FROM alpine:3\nCOPY a a\nADD https://github.com/acme/web.git#${'c'.repeat(40)} /web\n`,
      log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] COPY a a | CACHED\n[3/3] ADD https://github.com/acme/web.git#${'c'.repeat(40)} /web | DONE 0.1s`,
    },
    [`[3/3] ADD https://github.com/acme/web.git#${'c'.repeat(40)} /web: unknown`],
  ],
  [
    'ADD of a repository',
    {
      dockerfile: 'FROM alpine:3\nADD https://github.com/acme/web.git#main /web\n',
      log: `[1/2] FROM ${alpine()} | CACHED\n[2/2] ADD https://github.com/acme/web.git#main /web | DONE 0.1s`,
      previous: `[1/2] FROM ${alpine()} | CACHED\n[2/2] ADD https://github.com/acme/web.git#main /web | CACHED`,
      cache: {},
    },
    ['[2/2] ADD https://github.com/acme/web.git#main /web: remote-file-changed'],
  ],
  [
    'what ONBUILD of the stage below copies',
    {
      dockerfile: 'FROM alpine:3 AS base\nONBUILD COPY package.json ./\nFROM base AS app\nRUN make\n',
      log: `
        [base 1/1] FROM ${alpine()} | CACHED
        [app 1/2] COPY package.json ./ | DONE 0.1s
        [app 2/2] RUN make | DONE 0.1s`,
      changed: 'package.json\nsrc/a',
    },
    ['[app 1/2] COPY package.json ./: file-changed package.json'],
  ],
  [
    'what ONBUILD of the base image copies, and not the COPY that has its place in the file',
    {
      dockerfile: 'FROM acme/node:onbuild\nCOPY src src\nRUN make\n',
      log: `
        [1/4] FROM docker.io/acme/node:onbuild@${sha('a')} | CACHED
        [2/4] COPY package.json ./ | DONE 0.1s
        [3/4] COPY src src | DONE 0.1s
        [4/4] RUN make | DONE 0.1s`,
      changed: 'src/a\npackage.json',
    },
    ['[2/4] COPY package.json ./: file-changed package.json'],
  ],
  [
    'the words of a COPY <<EOF',
    {
      dockerfile: 'FROM alpine:3\nCOPY a a\nCOPY <<EOF /etc/x\ntwo\nEOF\n',
      previousDockerfile: 'FROM alpine:3\nCOPY a a\nCOPY <<EOF /etc/x\none\nEOF\n',
      log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] COPY a a | CACHED\n[3/3] COPY <<EOF /etc/x | DONE 0.1s`,
      changed: 'Dockerfile\nx',
    },
    ['[3/3] COPY <<EOF /etc/x: instruction-changed'],
  ],
  [
    'the script of a RUN <<EOF',
    {
      dockerfile: 'FROM alpine:3\nCOPY a a\nRUN <<EOF\nset -e\nmake all\nEOF\n',
      previousDockerfile: 'FROM alpine:3\nCOPY a a\nRUN <<EOF\nset -e\nmake\nEOF\n',
      log: `[1/3] FROM ${alpine()} | CACHED\n[2/3] COPY a a | CACHED\n[3/3] RUN <<EOF (set -e...) | DONE 0.1s`,
      changed: 'Dockerfile',
    },
    ['[3/3] RUN <<EOF (set -e...): instruction-changed'],
  ],
]

describe('reasons of several stages', () => {
  test.each(stages)('%s', (_, given, told) => {
    expect(toldShort(given)).toEqual(told)
  })
})
describe('a step that stages share', () => {
  test.each(shared)('%s', (_, given, told) => {
    expect(toldShort(given)).toEqual(told)
  })
})
describe('a stage that is built on another', () => {
  test.each(built)('%s', (_, given, told) => {
    expect(toldShort(given)).toEqual(told)
  })
})
describe('what a step takes in', () => {
  test.each(takenIn)('%s', (_, given, told) => {
    expect(toldShort(given)).toEqual(told)
  })
})
