import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cacheTransfer, readVertexName, targetOf } from '../../src/build/vertex-name.ts'

describe('the kind of a vertex', () => {
  test.each([
    ['[2/5] RUN npm ci', 'step'],
    ['[stage-1 10/12] COPY --from=build /app /app', 'step'],
    ['[base 1/4] FROM docker.io/library/node:22@sha256:abc', 'from'],
    ['[linux/arm64 builder 1/2] from scratch', 'from'],
    ['importing cache manifest from gha:9112', 'import'],
    ['[web] importing cache manifest from ghcr.io/acme/web:cache', 'import'],
    ['exporting to GitHub Actions Cache', 'export'],
    ['[web] exporting cache to registry', 'export'],
    ['exporting content cache', 'export'],
    ['exporting to image', 'image'],
    ['exporting to docker image format', 'image'],
    ['[api] exporting to oci image format', 'image'],
    ['pushing ghcr.io/acme/web:latest with docker', 'image'],
    ['importing to docker', 'image'],
    ['[internal] load metadata for docker.io/library/node:22', 'internal'],
    ['[internal] load build context', 'internal'],
    ['[web internal] load .dockerignore', 'internal'],
    ['[auth] library/node:pull token for registry-1.docker.io', 'internal'],
    ['[context app] load from client', 'internal'],
    ['docker-image://docker.io/docker/dockerfile:1', 'internal'],
    ['resolve image config for docker-image://docker.io/docker/dockerfile:1', 'internal'],
  ] as const)('%s is %s', (name, kind) => {
    expect(readVertexName(name).kind).toBe(kind)
  })
})

test('a step tells target, platform, stage, position and instruction apart', () => {
  expect(readVertexName('[web linux/amd64->arm64 builder 2/5] RUN make [all] 3/4')).toEqual({
    kind: 'step',
    tokens: ['web', 'builder'],
    platform: 'linux/amd64->arm64',
    ordinal: 2,
    total: 5,
    instruction: 'RUN make [all] 3/4',
  })
})

test('BuildKit pads the position of a step when there are ten or more', () => {
  expect(readVertexName('[builder  2/10] COPY . .')).toMatchObject({ tokens: ['builder'], ordinal: 2, total: 10 })
  expect(readVertexName('[ 2/10] COPY . .')).toMatchObject({ tokens: [], ordinal: 2, total: 10 })
})

test('a heredoc keeps all of its lines', () => {
  expect(readVertexName('[2/2] RUN <<EOF (apt-get update...)\nmore').instruction).toBe(
    'RUN <<EOF (apt-get update...)\nmore',
  )
})

test('whatever a step is made of is read back', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/)
  const platform = fc.constantFrom('linux/amd64', 'linux/arm/v7', 'windows/amd64', 'linux/arm64')
  const made = fc.record({
    tokens: fc.array(name, { maxLength: 2 }),
    platform: fc.option(platform),
    ordinal: fc.integer({ min: 1, max: 99 }),
    total: fc.integer({ min: 1, max: 99 }),
    instruction: fc.stringMatching(/^(RUN|COPY|ADD|WORKDIR) [ -~]{1,60}$/),
  })
  fc.assert(
    fc.property(made, ({ tokens, platform, ordinal, total, instruction }) => {
      const [target, ...stage] = tokens
      const bracket = [target ?? [], platform ?? [], stage, `${ordinal}/${total}`].flat().join(' ')
      expect(readVertexName(`[${bracket}] ${instruction}`)).toEqual({
        kind: 'step',
        tokens,
        platform,
        ordinal,
        total,
        instruction,
      })
    }),
  )
})

test('only vertices outside a Dockerfile name the target of a bake', () => {
  const target = (name: string) => targetOf(readVertexName(name))
  expect(target('[web internal] load build definition from Dockerfile')).toBe('web')
  expect(target('[web] exporting to image')).toBe('web')
  expect(target('[web] importing cache manifest from gha:1')).toBe('web')
  // of a step alone nobody can say whether its first word is a target or a stage
  expect(target('[web builder 2/3] RUN make')).toBeNull()
  expect(target('[internal] load .dockerignore')).toBeNull()
  expect(target('[auth] acme/web:pull token for ghcr.io')).toBeNull()
  expect(target('exporting to image')).toBeNull()
})

test.each([
  ['importing cache manifest from gha:9112', 'gha', 'gha:9112'],
  ['importing cache manifest from local:5501', 'local', 'local:5501'],
  ['importing cache manifest from s3:1', 'other', 's3:1'],
  ['importing cache manifest from azblob:1', 'other', 'azblob:1'],
  ['importing cache manifest from ghcr.io/acme/web:cache', 'registry', 'ghcr.io/acme/web:cache'],
  // a port is no type
  ['importing cache manifest from localhost:5000/acme/web', 'registry', 'localhost:5000/acme/web'],
  ['importing cache manifest from gha.acme.dev/web:cache', 'registry', 'gha.acme.dev/web:cache'],
  ['exporting to GitHub Actions Cache', 'gha', ''],
  ['exporting to GitHub cache', 'gha', ''],
  ['exporting cache to registry', 'registry', ''],
  ['exporting cache to client directory', 'local', ''],
  ['exporting cache to Amazon S3', 'other', ''],
])('%s moves a %s cache', (instruction, type, ref) => {
  expect(cacheTransfer(instruction)).toEqual({ type, ref })
})
