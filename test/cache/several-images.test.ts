import { describe, expect, test } from 'vitest'
import { missesOf, sha, type TwoBuilds, toldShort } from './told-misses.ts'

/** Platforms, targets of a bake, builds one after the other in a log, and builders that show no stages. */

const alpine = (digest = 'a') => `docker.io/library/alpine:3@${sha(digest)}`

describe('platforms', () => {
  const dockerfile = 'FROM alpine:3 AS build\nCOPY src src\nRUN make\nFROM alpine:3\nCOPY --from=build /out /out\n'
  const log = (arm: string, digest = 'a') => `
    [linux/amd64 build 1/3] FROM ${alpine(digest)} | CACHED
    [linux/arm64 build 1/3] FROM ${alpine(digest)} | CACHED
    [linux/amd64 build 2/3] COPY src src | CACHED
    [linux/amd64 build 3/3] RUN make | CACHED
    [linux/arm64 build 2/3] COPY src src | CACHED
    [linux/arm64 build 3/3] RUN make | ${arm}
    [linux/amd64 stage-1 2/2] COPY --from=build /out /out | CACHED
    [linux/arm64 stage-1 2/2] COPY --from=build /out /out | ${arm}`

  test('one that missed is told with what follows it, the other is not', () => {
    expect(toldShort({ dockerfile, log: log('DONE 9.0s'), changed: 'docs/a' })).toEqual([
      '[linux/arm64 build 3/3] RUN make: unknown',
      '[linux/arm64 stage-1 2/2] COPY --from=build /out /out: upstream-stage-changed',
    ])
  })

  test('all that missed have the file that changed', () => {
    const ran = log('DONE 9.0s').replaceAll('COPY src src | CACHED', 'COPY src src | DONE 0.1s')
    expect(
      toldShort({ dockerfile, log: ran.replaceAll('RUN make | CACHED', 'RUN make | DONE 9.0s'), changed: 'src/a' }),
    ).toEqual([
      '[linux/amd64 build 2/3] COPY src src: file-changed src/a',
      '[linux/arm64 build 2/3] COPY src src: file-changed src/a',
      '[linux/arm64 stage-1 2/2] COPY --from=build /out /out: upstream-stage-changed src/a',
    ])
  })

  test('one that was not built before is told so', () => {
    const previous = log('CACHED')
      .split('\n')
      .filter((line) => !line.includes('arm64'))
      .join('\n')
    const ran = log('DONE 9.0s').replaceAll(/(arm64 build 2.*) CACHED/g, '$1 DONE 0.1s')
    expect(toldShort({ dockerfile, log: ran, previous, changed: 'src/a' })).toEqual([
      '[linux/arm64 build 2/3] COPY src src: first-build',
      '[linux/arm64 stage-1 2/2] COPY --from=build /out /out: first-build',
    ])
  })
})

describe('targets of a bake', () => {
  const bake = (web: string, api: string) => `
    [web internal] load build definition from Dockerfile | DONE 0.0s
    [api internal] load build definition from Dockerfile | DONE 0.0s
    [web 1/3] FROM ${alpine()} | CACHED
    [web 2/3] COPY src src | ${web}
    [web 3/3] RUN make web | ${web}
    [api 2/3] COPY src src | ${api}
    [api 3/3] RUN make api | ${api}`
  const dockerfile = 'FROM alpine:3\nCOPY src src\nRUN make web\n'

  test('one that missed', () => {
    expect(toldShort({ dockerfile, log: bake('DONE 0.1s', 'CACHED'), changed: 'src/a' })).toEqual([
      '[web 2/3] COPY src src: file-changed src/a',
    ])
  })

  test('both of them', () => {
    const told = missesOf({ dockerfile, log: bake('DONE 0.1s', 'DONE 2.0s'), changed: 'src/a' })
    expect(told.map(({ stage, step, reason, secondsLost }) => [stage, step, reason, secondsLost])).toEqual([
      [null, '[web 2/3] COPY src src', 'file-changed', 0.2],
      [null, '[api 2/3] COPY src src', 'file-changed', 4],
    ])
  })

  test('a step of one that both share is the reason of the other', () => {
    const file = 'FROM alpine:3 AS base\nCOPY src src\nFROM base AS web\nRUN make web\nFROM base AS api\nRUN make api\n'
    const log = `
      [web internal] load build definition from Dockerfile | DONE 0.0s
      [api internal] load build definition from Dockerfile | DONE 0.0s
      [web base 1/2] FROM ${alpine()} | CACHED
      [web base 2/2] COPY src src | DONE 0.1s
      [web web 1/1] RUN make web | DONE 1.0s
      [api api 1/1] RUN make api | DONE 1.0s`
    expect(toldShort({ dockerfile: file, log, changed: 'src/a' })).toEqual([
      '[web base 2/2] COPY src src: file-changed src/a',
      '[web web 1/1] RUN make web: upstream-stage-changed src/a',
      '[api api 1/1] RUN make api: upstream-stage-changed src/a',
    ])
  })
})

describe('two builds in one log', () => {
  const image = (name: string, state: string) => `
|##[group]Run docker/build-push-action@v6
|##[endgroup]
|[command]/usr/bin/docker buildx build --tag ${name} .
[internal] load build definition from Dockerfile | DONE 0.0s
[1/3] FROM ${alpine()} | CACHED
[2/3] COPY ${name} /src | ${state}
[3/3] RUN make ${name} | ${state}
|##[group]Run docker/build-push-action@v6
|##[endgroup]`
  const both = (web: string, api: string) => `${image('web', web)}${image('api', api)}`

  test('each is compared with the one before that is like it', () => {
    const previous = both('DONE 0.1s', 'DONE 0.1s')
    const given = {
      previous,
      changed: 'api/a\nweb/b',
      dockerfile: 'FROM alpine:3\nCOPY $X /src\nRUN make $X\n',
      cache: {},
    }
    expect(toldShort({ ...given, log: both('CACHED', 'DONE 0.1s') })).toHaveLength(1)
    expect(toldShort({ ...given, log: both('CACHED', 'DONE 0.1s') })[0]).toMatch(/^\[2\/3\] COPY api \/src: /)
  })

  test('the files of each are those that its own step copies', () => {
    const log = both('DONE 0.1s', 'DONE 0.1s').replaceAll('RUN make web | DONE 0.1s', 'RUN make web | CACHED')
    const { dockerfile: _, ...given }: TwoBuilds = { log, changed: 'api/a\nweb/b' }
    expect(missesOf(given).map(({ files }) => files)).toEqual([['web/b'], ['api/a']])
  })
})

describe('the classic builder', () => {
  const dockerfile = 'FROM alpine:3\nCOPY package.json ./\nRUN npm ci\nCOPY . .\n'
  const log = `
|Step 1/4 : FROM alpine:3
| ---> a606584aa9aa
|Step 2/4 : COPY package.json ./
| ---> Using cache
| ---> a606584aa9ab
|Step 3/4 : RUN npm ci
| ---> Using cache
| ---> a606584aa9ac
|Step 4/4 : COPY . .
| ---> a606584aa9ad
|Successfully built a606584aa9ad`

  test('the file that changed', () => {
    expect(toldShort({ dockerfile, log, changed: 'src/a\ndocs/b.md', ignore: 'docs' })).toEqual([
      'COPY . .: file-changed src/a',
    ])
  })

  test('the instruction that was edited', () => {
    const previousDockerfile = dockerfile.replace('COPY . .', 'COPY src src')
    expect(toldShort({ dockerfile, previousDockerfile, log, changed: 'Dockerfile' })).toEqual([
      'COPY . .: instruction-changed',
    ])
  })

  test('stages that are told apart by their FROM', () => {
    const staged = `
|Step 1/5 : FROM golang AS build
| ---> a606584aa9aa
|Step 2/5 : COPY cmd cmd
| ---> a606584aa9ab
|Step 3/5 : RUN go build
| ---> a606584aa9ac
|Step 4/5 : FROM alpine:3
| ---> a606584aa9ad
|Step 5/5 : COPY --from=build /app /app
| ---> a606584aa9ae
|Successfully built a606584aa9ae`
    const told = toldShort({
      dockerfile: 'FROM golang AS build\nCOPY cmd cmd\nRUN go build\nFROM alpine:3\nCOPY --from=build /app /app\n',
      log: staged.replace('| ---> a606584aa9ab', '| ---> Using cache\n| ---> a606584aa9ab'),
      previousDockerfile:
        'FROM golang AS build\nCOPY cmd cmd\nRUN go build -v\nFROM alpine:3\nCOPY --from=build /app /app\n',
      changed: 'Dockerfile',
    })
    expect(told).toEqual(['RUN go build: instruction-changed', 'COPY --from=build /app /app: upstream-stage-changed'])
  })
})
