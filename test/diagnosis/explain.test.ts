import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explainer, explainText } from '../../src/diagnosis/explain.ts'
import { type Explanation, explanationSchema } from '../../src/diagnosis/explanation.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks } from '../../src/diagnosis/runbooks.ts'
import { printExplanation } from '../../src/thread/terminal.ts'
import { catalogueOf, row } from './catalogue.ts'

const real = await loadRunbooks([fileURLToPath(new URL('../../runbooks', import.meta.url))])

// A few causes, enough to tell which rule of the design decided.
const tiny = catalogueOf(
  row('disk-full', {
    signs: ['ENOSPC', 'no space left on device'],
    where: ['step', 'error', 'export', 'push'],
    rank: 90,
  }),
  row('npm-failed', { signs: ['npm error'] }),
  row('type-error', { signs: ['/error TS\\d+/'] }),
  row('import-missing', { family: 'registry', severity: 'slow', where: ['import'], signs: ['not found'] }),
  row('export-denied', { family: 'registry', where: ['export'], signs: ['403 Forbidden'] }),
  row('runner-gone', { family: 'builder', where: ['runner'], signs: ['lost communication'], rank: 80 }),
  row('exit-code', { where: ['error', 'step'], signs: ['/exit code: (?P<code>\\d+)/'], rank: 5 }),
)
const catalogues = [
  ['a tiny catalogue', tiny],
  ['the real runbooks', real],
] as const

const group = (name: string, ...inside: string[]) => [`##[group]Run ${name}`, ...inside, '##[endgroup]']
const exit = '##[error]Process completed with exit code 1.'
const processOf = (command: string, code = 1) =>
  `process "/bin/sh -c ${command}" did not complete successfully: exit code: ${code}`
const closing = (error: string) => ['------', `ERROR: failed to build: failed to solve: ${error}`, '']
const opening = [
  '#1 [internal] load build definition from Dockerfile',
  '#1 DONE 0.0s',
  '',
  '#2 [1/3] FROM a',
  '#2 CACHED',
  '',
]

/** A build whose `RUN command` wrote this and then failed. */
const failedBuild = (command: string, output: string[], code = 1) => [
  ...opening,
  `#3 [2/3] RUN ${command}`,
  ...output.map((text) => `#3 1.0 ${text}`),
  `#3 ERROR: ${processOf(command, code)}`,
  ...closing(processOf(command, code)),
]
/** The same, but it ended well. */
const greenBuild = (command: string, output: string[] = []) => [
  ...opening,
  `#3 [2/3] RUN ${command}`,
  ...output.map((text) => `#3 1.0 ${text}`),
  '#3 DONE 2.0s',
  '',
  '#4 exporting to image',
  '#4 DONE 0.1s',
  '',
]
const npm404 = ['npm error code E404', 'npm error 404 Not Found - GET https://registry.npmjs.org/left-padd - Not found']
const denied =
  'error writing layer blob: unexpected status from POST request to https://ghcr.io/v2/acme/web/blobs/uploads/: 403 Forbidden'
const tsc = [
  "src/app.ts(4,26): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.",
]

/** The id of the first diagnosis, whichever of the two catalogues gave it. */
const realNames: Record<string, string> = {
  'disk-full': 'disk-full-builder',
  'type-error': 'run-app-compile-error',
  'import-missing': 'cache-import-not-found',
  'export-denied': 'cache-export-denied',
}
const idOf = ({ diagnosis }: Explanation) => diagnosis?.id ?? null

describe.each(catalogues)('with %s', (_, catalogue) => {
  const named = (id: string) => (catalogue === real ? realNames[id] : id)
  const explain = (...lines: string[]) => explainText(lines.join('\n'), catalogue)

  test('the failed step is the one of the closing error, not the last ERROR', () => {
    const explanation = explain(
      '#4 [web 2/2] RUN tsc',
      ...tsc.map((text) => `#4 1.0 ${text}`),
      `#4 ERROR: ${processOf('tsc')}`,
      '',
      '#5 [api 2/2] RUN npm ci',
      ...npm404.map((text) => `#5 1.0 ${text}`),
      `#5 ERROR: ${processOf('npm ci')}`,
      ...closing(processOf('tsc')),
    )
    expect(idOf(explanation)).toBe(named('type-error'))
    expect(explanation.diagnosis?.step?.name).toBe('[web 2/2] RUN tsc')
  })

  test('a canceled step is never the cause', () => {
    const explanation = explain(
      '#4 [web 2/2] RUN npm ci',
      ...npm404.map((text) => `#4 1.0 ${text}`),
      '',
      '#5 [api 2/2] RUN tsc',
      ...tsc.map((text) => `#5 1.0 ${text}`),
      `#5 ERROR: ${processOf('tsc')}`,
      '',
      '#4 [web 2/2] RUN npm ci',
      '#4 CANCELED',
      ...closing(processOf('tsc')),
    )
    expect(idOf(explanation)).toBe(named('type-error'))
    expect(explanation.others).toEqual([])
  })

  test('a cache that could not be imported is not why a RUN failed', () => {
    const missing = 'failed to configure registry cache importer: ghcr.io/acme/web:cache: not found'
    const imported = ['#9 importing cache manifest from ghcr.io/acme/web:cache', `#9 ERROR: ${missing}`, '']
    const explanation = explain(...imported, ...failedBuild('tsc', tsc))
    expect(idOf(explanation)).toBe(named('type-error'))
    expect(explanation.diagnosis?.step?.name).toBe('[2/3] RUN tsc')
    expect(explanation.others.map(({ id }) => id)).toEqual([named('import-missing')])
    expect(explanation.others[0]?.severity).not.toBe('fatal')
    expect(explanation.others[0]?.evidence[0]?.text).toContain(missing)
  })

  test('an export that was allowed to fail does not fail a green build', () => {
    const explanation = explain(
      ...greenBuild('tsc'),
      '#8 exporting cache to registry',
      `#8 ERROR: ${denied}`,
      '------',
      ' > exporting cache to registry:',
      '------',
      'WARNING: error exporting cache ignored',
    )
    expect(explanation.outcome).toBe('succeeded')
    expect(explanation.diagnosis).toMatchObject({ id: named('export-denied'), severity: 'slow' })
    expect(explanation.builds[0]?.exports).toMatchObject([{ ok: false }])
  })

  test('an export that ended the build is fatal', () => {
    const explanation = explain(
      ...greenBuild('tsc'),
      '#8 exporting cache to registry',
      `#8 ERROR: ${denied}`,
      ...closing(denied),
    )
    expect(explanation.outcome).toBe('failed')
    expect(explanation.diagnosis?.severity).toBe('fatal')
    expect(idOf(explanation)).toBe(named('export-denied'))
  })

  test('the root before the surface: a full disk inside a failed npm', () => {
    const output = [
      'npm error code ENOSPC',
      'npm error nospc ENOSPC: no space left on device, write',
      'npm error nospc There appears to be insufficient space on your system to finish.',
    ]
    expect(idOf(explain(...failedBuild('npm ci', output, 228)))).toBe(named('disk-full'))
    expect(idOf(explain(...failedBuild('npm ci', output.toReversed(), 228)))).toBe(named('disk-full'))
  })

  test('a failed build that was repeated with success is no failure', () => {
    const lines = [...failedBuild('npm ci', npm404), ...greenBuild('npm ci')]
    expect(explain(...lines)).toMatchObject({ outcome: 'succeeded', diagnosis: null })
    const job = explain(...group('nick-fields/retry@v3', 'docker build .'), ...lines, 'Post job cleanup.')
    expect(job).toMatchObject({ outcome: 'succeeded', diagnosis: null })
  })

  test('what a program prints outside the failing step is no sign', () => {
    const explanation = explain(
      ...group('docker build .'),
      ...greenBuild('cat errors.txt', [...npm404, 'no space left on device']),
      ...group('docker build api'),
      ...failedBuild('tsc', tsc),
      exit,
    )
    expect(idOf(explanation)).toBe(named('type-error'))
  })

  test('the words of the builder in the output of a test are no sign', () => {
    const printed = ['ERROR: 2 tests failed', `expected "failed to solve: ${processOf('x')}" to be thrown`]
    const explanation = explain(...greenBuild('npm test', printed))
    expect(explanation).toMatchObject({ outcome: 'succeeded', diagnosis: null })
  })

  test('a test that failed after a green build is not Docker’s', () => {
    const explanation = explain(
      ...group('docker/build-push-action@v6'),
      ...greenBuild('npm ci'),
      ...group('npm test'),
      '  1 failing',
      '  AssertionError: expected 1 to equal 2',
      exit,
    )
    expect(explanation).toMatchObject({ outcome: 'failed', docker: true, diagnosis: { id: 'not-docker' } })
    expect(explanation.diagnosis?.step?.name).toBe('npm test')
    expect(explanation.diagnosis?.evidence.map(({ text }) => text)).toContain('  AssertionError: expected 1 to equal 2')
  })

  test('a job without any image build is not Docker’s either', () => {
    const explanation = explain(...group('npm test'), '  1 failing', exit)
    expect(explanation).toMatchObject({ outcome: 'failed', docker: false, diagnosis: { id: 'not-docker' } })
  })

  test('several builds: the one that failed is told, and all are summed up', () => {
    const explanation = explain(...group('./build-all.sh'), ...greenBuild('npm ci'), ...failedBuild('tsc', tsc), exit)
    expect(idOf(explanation)).toBe(named('type-error'))
    expect(explanation.builds.map(({ steps }) => steps.map(({ status }) => status))).toEqual([
      ['cached', 'executed'],
      ['cached', 'failed'],
    ])
  })

  test('an exit code is not the answer where something better is there', () => {
    const explanation = explain(...failedBuild('npm run build', [...tsc, 'npm error exit code: 2'], 2))
    expect(explanation.diagnosis?.confidence).toBeGreaterThan(0.5)
    expect(idOf(explanation)).toBe(named('type-error'))
  })

  test('GitHub’s word about the outcome counts more than the log’s', () => {
    const feed = (outcome: 'failed' | 'succeeded') => {
      const explaining = explainer(indexSigns(catalogue))
      explaining.feed(new TextEncoder().encode([...opening, '#3 [2/3] RUN make', '#3 1.0 cc main.c'].join('\n')))
      return explaining.end({ kind: 'github', name: 'x', outcome })
    }
    expect(feed('failed').outcome).toBe('failed')
    expect(feed('succeeded')).toMatchObject({ outcome: 'succeeded', diagnosis: null })
  })
})

describe('a failure that no rule recognises', () => {
  const output = [
    'widget: frobnication of 3 sprockets began',
    'widget: fatal: the flux is inverted',
    'widget: giving up',
  ]

  test('is said to be unknown, with the lines that look like it', () => {
    const { diagnosis } = explainText(failedBuild('widget', output, 77).join('\n'), catalogueOf())
    expect(diagnosis).toMatchObject({ id: 'unknown-failure', family: 'unknown', confidence: 0, severity: 'fatal' })
    expect(diagnosis?.step?.name).toBe('[2/3] RUN widget')
    expect(diagnosis?.evidence.map(({ text }) => text)).toEqual([...output, `ERROR: ${processOf('widget', 77)}`])
  })

  test('is at best unsure by its exit code, with the same lines to be seen', () => {
    const { diagnosis } = explainText(failedBuild('widget', output, 77).join('\n'), tiny)
    expect(diagnosis).toMatchObject({ id: 'exit-code', confidence: 0.5 })
  })

  test('is never guessed by the real runbooks', () => {
    const { diagnosis } = explainText(failedBuild('widget', output, 77).join('\n'), real)
    expect(diagnosis?.confidence).toBeLessThanOrEqual(0.5)
    expect(diagnosis?.step?.name).toBe('[2/3] RUN widget')
  })
})

describe('a step of Docker’s that failed', () => {
  const job = (name: string, ...lines: string[]) =>
    explainText([...group(name), ...lines, exit].join('\n'), catalogueOf())

  test('after all its builds were done failed in what came after them', () => {
    expect(job('docker build . && ./deploy.sh', ...greenBuild('a'), 'deploy: no such host').diagnosis?.id).toBe(
      'not-docker',
    )
  })

  test('without a word of any build is unknown, not somebody else’s', () => {
    expect(job('docker build .', 'something went wrong').diagnosis?.id).toBe('unknown-failure')
  })

  test('while a build was still running is unknown', () => {
    const running = [...opening, '#3 [2/3] RUN make', '#3 1.0 cc main.c']
    const { diagnosis } = job('docker build .', ...greenBuild('a'), ...running)
    expect(diagnosis?.id).toBe('unknown-failure')
  })

  test('that only runs an image is somebody else’s', () => {
    expect(job('docker run acme/web npm test', '1 failing').diagnosis?.id).toBe('not-docker')
  })
})

test('the error of the client stands in the evidence where no step has one', () => {
  const log = 'ERROR: failed to build: unable to prepare context: path "nope" not found\nmore of it\n'
  const { diagnosis } = explainText(log, catalogueOf())
  expect(diagnosis).toMatchObject({ id: 'unknown-failure' })
  expect(diagnosis?.evidence).toContainEqual({
    line: 1,
    text: 'ERROR: failed to build: unable to prepare context: path "nope" not found',
  })
})

test('nothing in, nothing said', () => {
  expect(explainText('', real)).toEqual({
    version: 1,
    source: { kind: 'file', name: 'text', bytes: 0, lines: 0, truncated: false },
    outcome: 'unknown',
    docker: false,
    diagnosis: null,
    others: [],
    builds: [],
    missing: [],
  })
})

test('what was missing and that it was cut is handed on', () => {
  const explaining = explainer(indexSigns(tiny))
  const { source, missing } = explaining.end({
    kind: 'github',
    name: 'x',
    truncated: true,
    missing: ['job b: expired'],
  })
  expect(source).toMatchObject({ kind: 'github', name: 'x', truncated: true })
  expect(missing).toEqual(['job b: expired'])
})

describe('any mutilated log gives an explanation by the contract', () => {
  const folder = new URL('../fixtures/lab/', import.meta.url)
  const logs = [
    'parallel-canceled.gha.log',
    'bake-one-target-fails.log',
    'classic-run-error.log',
    'no-space-run.gha.log',
    'tty-run-tsc-error.log',
    'rawjson-parallel-canceled.log',
    'reg-export-denied.gha.log',
    'copy-missing-file.gha.log',
  ]
  const signs = indexSigns(real)

  function holds(text: string): void {
    const explaining = explainer(signs)
    explaining.feed(new TextEncoder().encode(text))
    const explanation = explaining.end({ kind: 'file', name: 'x' })
    explanationSchema.parse(explanation)
    const lines = text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    expect(explanation.source.lines).toBe(lines)
    const causes = [explanation.diagnosis ?? [], explanation.others].flat()
    for (const { evidence } of causes) {
      expect(evidence.length).toBeLessThanOrEqual(12)
      expect(evidence.every(({ line }) => line <= lines)).toBe(true)
      expect(evidence.map(({ line }) => line)).toEqual(evidence.map(({ line }) => line).toSorted((a, b) => a - b))
    }
    if (explanation.outcome === 'failed') expect(explanation.diagnosis).not.toBeNull()
    for (const { steps, cached, executed } of explanation.builds)
      expect(cached + executed).toBeLessThanOrEqual(steps.length)
  }

  const linesOf = (name: string) => readFileSync(new URL(name, folder), 'utf8').split('\n')

  test.each(logs)('%s, cut after each line and before each line', (name) => {
    const lines = linesOf(name)
    const stride = Math.ceil(lines.length / 120)
    for (let cut = 0; cut <= lines.length; cut += stride) {
      holds(lines.slice(0, cut).join('\n'))
      holds(lines.slice(cut).join('\n'))
    }
  })

  test.each(logs)('%s, with lines doubled, lost and shuffled', (name) => {
    const lines = linesOf(name).slice(0, 250)
    const mutated = fc.oneof(
      fc.subarray(lines),
      fc.shuffledSubarray(lines),
      fc.array(fc.constantFrom(...lines), { maxLength: 200 }),
      fc.tuple(fc.subarray(lines), fc.subarray(lines)).map((twice) => twice.flat()),
    )
    fc.assert(
      fc.property(mutated, (lines) => holds(lines.join('\n'))),
      { numRuns: 60 },
    )
  })

  test('pieces of several logs, one after the other', () => {
    const piece = fc.constantFrom(...logs).chain((name) => {
      const lines = linesOf(name)
      const nat = fc.nat({ max: lines.length })
      return fc.tuple(nat, nat).map(([from, to]) => lines.slice(Math.min(from, to), Math.max(from, to)).slice(0, 150))
    })
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), (pieces) => holds(pieces.flat().join('\n'))),
      { numRuns: 200 },
    )
  })
})

test('a green build whose cache was not written is not said to be well', () => {
  const log = [
    '#3 [2/2] RUN make',
    '#3 DONE 2.0s',
    '#4 exporting to image',
    '#4 DONE 0.1s',
    '#8 exporting cache to registry',
    '#8 ERROR: the flux is inverted',
  ].join('\n')
  const explanation = explainText(log, { runbooks: [], rows: new Map() })
  expect(explanation.outcome).toBe('succeeded')
  expect(printExplanation(explanation)).not.toContain('nothing is wrong with its cache')
})

test('the body of a printed private key is not quoted', () => {
  const log = [
    '#7 [2/2] RUN cat id_rsa; false',
    `#7 0.1 -----BEGIN OPENSSH PRIVATE ${'KEY'}-----`,
    '#7 0.1 b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW',
    '#7 0.1 QyNTUxOQAAACDPsecretsecretsecret',
    `#7 0.1 -----END OPENSSH PRIVATE ${'KEY'}-----`,
    '#7 ERROR: process "/bin/sh -c cat" did not complete successfully: exit code: 1',
    'ERROR: failed to build: failed to solve: process "/bin/sh -c cat" did not complete successfully: exit code: 1',
  ].join('\n')
  expect(JSON.stringify(explainText(log, { runbooks: [], rows: new Map() }))).not.toContain('QyNTUxOQAAACDPsecret')
})
