import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'
import { applyEdits, diffOf } from '../../src/lint/finding.ts'
import { lint } from '../../src/lint/lint.ts'
import { sarifOf } from '../../src/lint/sarif.ts'
import { filesOf } from './support.ts'

const parts = [
  ...[
    'FROM node:22',
    'FROM node AS a',
    'FROM a AS b',
    'FROM scratch',
    '# layerwise ignore=unpinned-base',
    '# all',
    '',
    'WORKDIR /app',
    'USER 1',
  ],
  ...[
    'COPY . .',
    'COPY --chown=1 . /app/',
    'ADD . .',
    'COPY src/ src/',
    'COPY package*.json ./',
    'COPY --from=a /app .',
    'COPY ["a b", "c"]',
    'ONBUILD COPY . .',
  ],
  ...[
    'RUN npm ci',
    'RUN npm ci && npm run build',
    'RUN cd web && yarn',
    'RUN pip install -r req/x.txt',
    'RUN poetry install',
    'RUN uv sync \\',
    '  --locked',
  ],
  ...[
    'RUN <<EOF',
    'EOF',
    'RUN ["npm", "ci"]',
    'RUN composer install',
    'RUN go mod download',
    'RUN cargo chef cook',
    'RUN cargo chef prepare',
    'RUN cargo build',
  ],
  ...[
    'ARG GIT_SHA',
    'ARG GIT_SHA=1 BUILD_ID',
    'ENV A=$GIT_SHA',
    'ENV (((=1',
    'ARG ((COMMIT',
    'RUN echo $GIT_SHA',
    'RUN apt-get update',
    'RUN apt-get install -y x',
  ],
]
const line = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...parts) }, fc.string({ unit: 'binary', maxLength: 30 }))
const text = fc
  .tuple(fc.array(line, { maxLength: 25 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => lines.join(end))
const ignore = fc.option(fc.constantFrom('.git', '*\n!package.json', '!', '**'), { nil: null })
const there = [
  'package.json',
  'package-lock.json',
  'yarn.lock',
  'web/package.json',
  'req/x.txt',
  'src/a.js',
  'go.mod',
  '.git/',
  'node_modules/',
]

test('any text is linted, and its edits can be applied', () => {
  fc.assert(
    fc.property(text, fc.option(text, { nil: null }), ignore, (Dockerfile, base, ignored) => {
      const files = filesOf(
        { Dockerfile, ...(ignored === null ? {} : { '.dockerignore': ignored }) },
        there,
        base === null ? null : { Dockerfile: base },
      )
      const { findings } = lint(files, { strict: true })
      sarifOf(findings, { version: '1' })
      for (const { edit, line, endLine } of findings) {
        expect(line).toBeLessThanOrEqual(endLine)
        if (edit?.file !== 'Dockerfile') continue
        diffOf(edit.file, Dockerfile, [edit])
        const edited = applyEdits(Dockerfile, [edit])
        const problems = (source: string) => readDockerfile(source, 'Dockerfile').problems.map(({ message }) => message)
        expect(problems(edited)).toEqual(problems(Dockerfile))
      }
    }),
    { numRuns: 2_000 },
  )
})
