import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redact } from '../../src/build/redact.ts'
import { stepWords as wordsOf } from '../../src/registry/created-by.ts'

const stepWords = (createdBy: string) => wordsOf(createdBy, redact)

const file = 'file:5758b97d8301c84a204a6e516241275785a7cade40b2fb99f01fe122482e283e'

test.each([
  // BuildKit
  ['RUN /bin/sh -c apk add curl # buildkit', 'RUN apk add curl'],
  ['RUN /bin/bash -euxo pipefail -c make # buildkit', 'RUN make'],
  ['RUN /bin/bash -o pipefail -c make # buildkit', 'RUN make'],
  ['COPY /out /out # buildkit', 'COPY /out /out'],
  ['ADD alpine-minirootfs.tar.gz / # buildkit', 'ADD alpine-minirootfs.tar.gz /'],
  ['ENV A=1', 'ENV A=1'],
  ['RUN <<EOF (apt-get update...) # buildkit', 'RUN <<EOF (apt-get update...)'],
  ['RUN npm ci # buildkit', 'RUN npm ci'],
  // the classic builder, buildah
  [`/bin/sh -c #(nop) ADD ${file} in / `, 'ADD file:5758b97d8301… in /'],
  ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
  ['/bin/sh -c apt-get update', 'RUN apt-get update'],
  ['/bin/sh -c set -eux; \tapt-get update; \\\n\tapt-get clean', 'RUN apt-get update; apt-get clean'],
  ['cmd /S /C #(nop)  WORKDIR C:\\app', 'WORKDIR C:\\app'],
  ['cmd /S /C dir', 'RUN dir'],
  // kaniko, and those that are none
  ['RUN npm ci', 'RUN npm ci'],
  ['bazel build ...', 'bazel build ...'],
  ["# debian.sh --arch 'amd64'", "# debian.sh --arch 'amd64'"],
  ['', ''],
])('%s', (createdBy, instruction) => {
  expect(stepWords(createdBy)).toEqual({ instruction, buildArgs: null })
})

test.each([
  ['RUN |2 VERSION=1 NAME=two words /bin/sh -c make # buildkit', 'RUN make', 'VERSION=1 NAME=two words'],
  ['|1 VERSION=1 /bin/sh -c make', 'RUN make', 'VERSION=1'],
  ['|0 /bin/sh -c make', 'RUN make', null],
  ['RUN |1 DB_PASSWORD=hunter2hunter2 /bin/bash -c make # buildkit', 'RUN make', 'DB_PASSWORD=***'],
])('%s: the arguments stand apart', (createdBy, instruction, buildArgs) => {
  expect(stepWords(createdBy)).toEqual({ instruction, buildArgs })
})

test.each([
  'ENV NPM_TOKEN=npm_abcdefghijklmnopqrstuvwxyz0123456789',
  'RUN /bin/sh -c curl -u me:hunter2secret https://x # buildkit',
])('%s shows no secret', (createdBy) => {
  expect(stepWords(createdBy).instruction).toContain('***')
  expect(stepWords(createdBy).instruction).not.toMatch(/npm_abc|hunter2/)
})

test('any text is read, in bearable time', () => {
  fc.assert(fc.property(fc.string(), (text) => typeof stepWords(text).instruction === 'string'))
  const begun = performance.now()
  for (const text of [
    `|1 ${'sh -a '.repeat(100_000)}`,
    `sh ${'-c '.repeat(100_000)}`,
    ' '.repeat(1_000_000),
    `|2 ${'/bin/sh '.repeat(50_000)}`,
  ])
    stepWords(text)
  expect(performance.now() - begun).toBeLessThan(2_000)
})
