import fc from 'fast-check'
import { type Planted, placed, tokens } from './secrets.ts'

/** Where in a failed job's log something may stand; each makes lines of it. */
const places: Record<string, (text: string, vertex: number) => string> = {
  'the script of a step': (text) => `##[group]Run docker/build-push-action@v6\nwith:\n  script: ${text}\n##[endgroup]`,
  'an echoed command': (text) => `[command]/usr/bin/docker buildx build --progress plain ${text} --tag acme/web .`,
  'the output of the failing step': (text) => `#8 1.204 ${text}`,
  'an error of the failing step': (text) => `#8 1.301 npm error code E401\n#8 1.302 npm error ${text}`,
  'a captured word': (text) => `#8 1.304 npm error 404 Not Found - GET https://registry.npmjs.org/${text} - Not found`,
  'the name of a step': (text, vertex) => `#${vertex} [build 3/9] RUN echo ${text} > .npmrc\n#${vertex} CACHED\n`,
  'a failed cache import': (text, vertex) =>
    `#${vertex} importing cache manifest from ghcr.io/acme/web:cache\n#${vertex} ERROR: failed to configure registry cache importer: ${text}: denied\n`,
  'a line of the job': (text) => text,
  'an annotation': (text) => `##[error]${text}`,
  'a long line': (text) => `#8 1.400 ${'x '.repeat(1_500)}${text}${' y'.repeat(3_000)}`,
  'the edge of a long line': (text) => `#8 1.401 error: ${'x '.repeat(980)}${text} ${text}${' y'.repeat(120)}`,
}

/** A log of a failed build with secrets in it, told plainly at one place and perhaps bare at others. */
export type PlantedLog = { log: string; planted: Planted[] }

/** `bare`: how it stands at another place, where nothing tells what it is. */
type Seed = { planted: Planted & { bare: string }; place: string; again: string | null }

const seed: fc.Arbitrary<Seed> = fc.record({
  planted: fc.oneof(
    ...Object.values(tokens).map((one) => one.map((planted) => ({ ...planted, bare: planted.text }))),
    ...Object.values(placed).map((one) => one.map((planted) => ({ ...planted, bare: planted.secret }))),
  ),
  place: fc.constantFrom(...Object.keys(places)),
  again: fc.option(fc.constantFrom(...Object.keys(places)), { nil: null }),
})

export const plantedLog: fc.Arbitrary<PlantedLog> = fc
  .array(seed, { minLength: 1, maxLength: 8 })
  .map((seeds) => ({ log: tell(seeds), planted: seeds.map(({ planted }) => planted) }))

/** One log with a secret of every kind, the places taken in turn; the same for the same seed. */
export function logOfEverySecret(seed: number): PlantedLog {
  const all = [
    ...Object.values(tokens).map((kind) => ({ kind, bare: false })),
    ...Object.values(placed).map((kind) => ({ kind, bare: true })),
  ]
  const names = Object.keys(places)
  const seeds = all.flatMap(({ kind, bare }, index) =>
    fc.sample(kind, { seed: seed + index, numRuns: 1 }).map((planted) => ({
      planted: { ...planted, bare: bare ? planted.secret : planted.text },
      place: names[index % names.length] ?? '',
      again: names[(index * 3 + 1) % names.length] ?? null,
    })),
  )
  return { log: tell(seeds), planted: seeds.map(({ planted }) => planted) }
}

function tell(seeds: Seed[]): string {
  const early: string[] = []
  const late: string[] = []
  for (const [index, { planted, place, again }] of seeds.entries()) {
    const isEarly = /script|command|name|cache/.test(place)
    ;(isEarly ? early : late).push(places[place]?.(planted.text, 20 + index) ?? '')
    if (again !== null && isTold(planted, place)) late.push(places[again]?.(planted.bare, 40 + index) ?? '')
  }
  return stamped([
    ...early,
    '#1 [internal] load build definition from Dockerfile',
    '#1 DONE 0.0s',
    '#8 [build 2/9] RUN npm ci',
    '#8 0.501 npm warn deprecated glob@7.2.3',
    ...late,
    '#8 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    '------',
    ' > [build 2/9] RUN npm ci:',
    '1.302 npm error code E401',
    '------',
    'ERROR: failed to build: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    '##[error]buildx failed with: ERROR: failed to build: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    'Post job cleanup.',
  ])
}

/**
 * A bare secret is known again when its first place showed what it is, and when it is worth remembering. An address has
 * no word of its own that lines are looked at for: those that are passed over teach nothing.
 */
function isTold({ text, secret }: Planted, place: string): boolean {
  if (/:\/\/\S*@/.test(text) && /output|job|error/.test(place)) return false
  return place !== 'a long line' && place !== 'the edge of a long line' && secret.length >= 8 && !/[\s"']/.test(secret)
}

function stamped(lines: string[]): string {
  return lines
    .flatMap((line) => line.split('\n'))
    .map((line, index) => `2026-01-01T00:00:${String(index % 60).padStart(2, '0')}.0000000Z ${line}\n`)
    .join('')
}
