import { describe, expect, test } from 'vitest'
import { logReader } from '../../src/build/read-log.ts'
import { type Candidate, candidates } from '../../src/diagnosis/candidates.ts'
import { findFailure } from '../../src/diagnosis/failure.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { outcomeOf } from '../../src/diagnosis/outcome.ts'
import type { Row } from '../../src/diagnosis/runbook.ts'
import type { Sign } from '../../src/diagnosis/runbook-sign.ts'
import { catalogueOf, row } from './catalogue.ts'

function candidatesIn(lines: string[], ...rows: Row[]): Candidate[] {
  const matcher = indexSigns(catalogueOf(...rows)).matcher()
  const reader = logReader((line) => matcher.read(line))
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  const reading = reader.end()
  return candidates(matcher.hits(), findFailure(reading, outcomeOf(reading)))
}

const ids = (lines: string[], ...rows: Row[]) => candidatesIn(lines, ...rows).map((one) => one.row.id)
const error = 'process "/bin/sh -c npm ci" did not complete successfully: exit code: 1'
/** A build that failed in `RUN npm ci`, with this output. */
const failed = (...output: string[]) => [
  '#7 [deps 4/5] RUN npm ci',
  ...output.map((text) => `#7 1.0 ${text}`),
  `#7 ERROR: ${error}`,
  '------',
  `ERROR: failed to build: failed to solve: ${error}`,
]

describe('a row holds', () => {
  test('with any of its signs and every one of `all`', () => {
    const both = row('a', { signs: ['one', 'two'], all: ['three', 'four'] })
    expect(ids(failed('two', 'three', 'four'), both)).toEqual(['a'])
    expect(ids(failed('two', 'three'), both)).toEqual([])
    expect(ids(failed('three', 'four'), both)).toEqual([])
  })

  test('with as much weight as the most basic of its signs that are there', () => {
    const general: Sign = { kind: 'literal', text: 'error:', rank: 30 }
    const vague = row('vague', { signs: ['boom', general], rank: 70 })
    const exact = row('exact', { signs: ['error: no such thing'], rank: 40 })
    expect(ids(failed('error: no such thing'), vague, exact)).toEqual(['exact', 'vague'])
    expect(ids(failed('error: no such thing', 'boom'), vague, exact)).toEqual(['vague', 'exact'])
  })

  test('unless it says so', () => {
    const rival = row('a', { signs: ['boom'], unless: ['calm', { where: ['error'], sign: 'exit code: 137' }] })
    expect(ids(failed('boom'), rival)).toEqual(['a'])
    expect(ids(failed('boom', 'calm'), rival)).toEqual([])
    expect(
      ids(
        failed('boom').map((line) => line.replace('code: 1', 'code: 137')),
        rival,
      ),
    ).toEqual([])
  })

  test('by a sign whose own conditions hold', () => {
    const rival = row('a', {
      signs: ['soft', 'hard'],
      unless: [{ sign: 'calm', of: 0 }],
      all: [{ sign: 'storm', of: 1 }],
    })
    expect(ids(failed('soft'), rival)).toEqual(['a'])
    expect(ids(failed('soft', 'calm'), rival)).toEqual([])
    expect(ids(failed('hard'), rival)).toEqual([])
    expect(ids(failed('hard', 'storm', 'calm'), rival)).toEqual(['a'])
  })

  test('with one of each choice', () => {
    const rival = row('a', {
      signs: ['boom'],
      all: [
        { sign: 'one', choice: 0 },
        { sign: 'two', choice: 0 },
        { sign: 'three', choice: 1 },
      ],
    })
    expect(ids(failed('boom', 'two', 'three'), rival)).toEqual(['a'])
    expect(ids(failed('boom', 'one', 'two'), rival)).toEqual([])
  })

  test('by what stands in another step, if it says so', () => {
    const asks = (anywhere: boolean) =>
      row('a', { signs: ['boom'], all: [{ where: ['metadata'], sign: 'creating container', anywhere }] })
    const boot = ['#1 [internal] booting buildkit', '#1 creating container 0.4s done', '#1 DONE 1.0s', '']
    const next = ['#1 [internal] load build definition from Dockerfile', '#1 DONE 0.0s', ...failed('boom')]
    const lines = [
      '##[group]Run docker/setup-buildx-action@v3',
      '##[endgroup]',
      ...boot,
      '##[group]Run docker/build-push-action@v6',
      '##[endgroup]',
      ...next,
      '##[error]Process completed with exit code 1.',
    ]
    expect(ids(lines, asks(true))).toEqual(['a'])
    expect(ids(lines, asks(false))).toEqual([])
  })

  test('in a step of the name it asks for', () => {
    expect(ids(failed('boom'), row('a', { signs: ['boom'], step: 'npm' }))).toEqual(['a'])
    expect(ids(failed('boom'), row('a', { signs: ['boom'], step: '/yarn|pnpm/' }))).toEqual([])
    expect(ids(failed('boom'), row('a', { signs: ['boom'], stepUnless: 'npm' }))).toEqual([])
  })
})

describe('a sign counts only where something failed', () => {
  const boom = row('a', { signs: ['boom'] })

  test('not in the output of a step that went well', () => {
    expect(ids(['#6 [deps 3/5] RUN npm test', '#6 1.0 boom', '#6 DONE 1.0s', ...failed('x')], boom)).toEqual([])
  })

  test('not in a step that was canceled', () => {
    expect(ids(['#6 [b 3/5] RUN npm test', '#6 1.0 boom', ...failed('x'), '#6 CANCELED'], boom)).toEqual([])
  })

  test('not in another build', () => {
    const green = [
      '#1 [internal] load build definition from Dockerfile',
      '#1 DONE 0.0s',
      '#2 [2/2] RUN a',
      '#2 1.0 boom',
      '#2 DONE 1.0s',
      '#3 exporting to image',
      '#3 DONE 0.1s',
      '',
      '#1 [internal] load build definition from Dockerfile',
      '#1 DONE 0.0s',
    ]
    expect(ids([...green, ...failed('x')], boom)).toEqual([])
  })

  test('not in a step of the job that went well', () => {
    const docker = row('a', { signs: ['boom'], where: ['client', 'runner', 'job'] })
    const job = (first: string, second: string) => [
      '##[group]Run docker login',
      '##[endgroup]',
      first,
      '##[group]Run docker push acme/web',
      '##[endgroup]',
      second,
      '##[error]Process completed with exit code 1.',
    ]
    expect(ids(job('boom', 'denied'), docker)).toEqual([])
    expect(ids(job('ok', 'boom'), docker)).toEqual(['a'])
  })

  test('and a failed import stands beside the failure, never for it', () => {
    const lines = ['#5 importing cache manifest from gha:1', '#5 ERROR: boom', '']
    const [first, second] = candidatesIn(
      [...lines, ...failed('E404')],
      row('import', { signs: ['boom'], where: ['import'] }),
      row('run', { signs: ['E404'] }),
    )
    expect([first?.row.id, first?.fatal]).toEqual(['run', true])
    expect([second?.row.id, second?.fatal]).toEqual(['import', false])
  })
})

test('the closing error of one kind of vertex is no sign for a row that looks at others', () => {
  const lines = ['#7 exporting to image', '#7 ERROR: denied', '------', 'ERROR: failed to solve: denied']
  const asks = (...where: Row['where']) => ids(lines, row('a', { signs: ['failed to solve: denied'], where }))
  expect(asks('push', 'error')).toEqual(['a'])
  expect(asks('metadata', 'error')).toEqual([])
  expect(asks('client', 'error')).toEqual(['a'])
})

describe('what the client and the runner say', () => {
  const job = (lines: { build?: string[]; script?: string[]; after?: string[] }) => [
    '##[group]Run docker build .',
    '##[endgroup]',
    ...(lines.build ?? []),
    ...(lines.script ?? []),
    '##[error]Process completed with exit code 1.',
    '##[group]Run ./report.sh',
    '##[endgroup]',
    ...(lines.after ?? []),
  ]
  const full = '##[warning]You are running out of disk space'

  test('of a full disk or a lost machine counts also in a later step, other words only in their own', () => {
    const rows = (['disk', 'builder', 'run'] as const).map((family) =>
      row(family, { family, signs: ['running out of disk space'], where: ['runner'] }),
    )
    expect(ids(job({ build: failed('x'), after: [full] }), ...rows).toSorted()).toEqual(['builder', 'disk'])
    expect(ids(job({ build: failed('x'), script: [full] }), ...rows).toSorted()).toEqual(['builder', 'disk', 'run'])
  })

  test('takes part in a row whose other signs stand in the build', () => {
    const both = row('a', { signs: ['boom'], where: ['step', 'runner'], all: ['running out of disk space'] })
    expect(ids(job({ build: failed('boom'), script: [full] }), both)).toEqual(['a'])
    expect(ids(job({ build: failed('boom') }), both)).toEqual([])
  })

  test('beside the failed build counts, in another step it does not', () => {
    const client = row('a', { signs: ['Cannot connect'], where: ['client'] })
    expect(ids(job({ script: ['Cannot connect to the Docker daemon'] }), client)).toEqual(['a'])
    expect(ids(job({ build: failed('x'), after: ['Cannot connect to the Docker daemon'] }), client)).toEqual([])
  })
})

test('the metadata and the push of another build are none of this one’s', () => {
  const opening = ['#1 [internal] load build definition from Dockerfile', '#1 DONE 0.0s']
  const lost = (state: string) => ['#2 [internal] load metadata for docker.io/acme/base:1', `#2 ${state}`]
  const unauthorized = row('a', { signs: ['401 Unauthorized'], where: ['metadata'] })
  const other = [
    ...opening,
    ...lost('ERROR: 401 Unauthorized'),
    'ERROR: failed to build: failed to solve: 401 Unauthorized',
    '',
  ]
  expect(ids([...other, ...opening, ...failed('x')], unauthorized)).toEqual([])
  expect(ids(other, unauthorized)).toEqual(['a'])
})

test('one sign that explains the failure is enough, whatever stands beside it', () => {
  const lines = [
    '#9 importing cache manifest from gha:1',
    '#9 ERROR: 503 unavailable',
    '',
    ...failed('503 unavailable'),
  ]
  const [one] = candidatesIn(lines, row('a', { signs: ['503 unavailable'], where: ['import', 'step'] }))
  expect(one?.fatal).toBe(true)
})

describe('of several rows the first is', () => {
  test('the more basic one, wherever it stands', () => {
    const rows = [row('surface', { signs: ['npm error'] }), row('root', { signs: ['ENOSPC'], rank: 90 })]
    expect(ids(failed('ENOSPC: no space', 'npm error code 1'), ...rows)).toEqual(['root', 'surface'])
    expect(ids(failed('npm error code 1', 'ENOSPC: no space'), ...rows)).toEqual(['root', 'surface'])
  })

  test('the one in the failing step’s own output, then in the closing error', () => {
    const rows = [row('far', { signs: ['did not complete'], where: ['error'] }), row('near', { signs: ['boom'] })]
    expect(ids(failed('boom'), ...rows)).toEqual(['near', 'far'])
  })

  test('the more specific one', () => {
    const rows = [row('short', { signs: ['npm error'] }), row('long', { signs: ['npm error code E404'] })]
    expect(ids(failed('npm error code E404'), ...rows)).toEqual(['long', 'short'])
  })

  test('the earlier one, all else being equal', () => {
    const rows = [row('later', { signs: ['boom'] }), row('early', { signs: ['bang'] })]
    expect(ids(failed('bang', 'boom'), ...rows)).toEqual(['early', 'later'])
  })

  test('the one that explains the failure, however basic the others are', () => {
    const rows = [
      row('slow', { signs: ['boom'], severity: 'slow', rank: 100 }),
      row('fatal', { signs: ['bang'], rank: 5 }),
    ]
    expect(ids(failed('boom', 'bang'), ...rows)).toEqual(['fatal', 'slow'])
  })
})

test('the order does not depend on the order of the pages', () => {
  const rows = [
    row('a', { signs: ['npm error'] }),
    row('b', { signs: ['ENOSPC'], rank: 90 }),
    row('c', { signs: ['code 1'], severity: 'slow' }),
    row('d', { signs: ['exit code: 1'], where: ['error'], rank: 5 }),
  ]
  const lines = failed('ENOSPC: no space', 'npm error code 1')
  expect(ids(lines, ...rows.toReversed())).toEqual(ids(lines, ...rows))
})

test('in a green build nothing is fatal', () => {
  const rows = [row('fatal', { signs: ['boom'] }), row('slow', { signs: ['boom'], severity: 'slow' })]
  const found = candidatesIn(['#7 [2/2] RUN a', '#7 1.0 boom', '#7 DONE 1.0s'], ...rows)
  expect(found.map((one) => [one.row.id, one.fatal])).toEqual([['slow', false]])
})

describe('what is no cause', () => {
  const client = (id: string, sign: string) => row(id, { signs: [sign], where: ['client'], rank: 90 })

  test('words of whoever cleans up after a step has failed', () => {
    const rows = [row('own', { signs: ['boom'] }), client('later', 'No such container')]
    expect(ids([...failed('boom'), '', 'Error: No such container: web'], ...rows)).toEqual(['own'])
  })

  test('but a full disk is felt later as well', () => {
    const disk = row('disk', { signs: ['no space left'], where: ['client'], family: 'disk' })
    expect(ids([...failed('boom'), '', 'write: no space left on device'], disk)).toEqual(['disk'])
  })

  test('a command, where the closing error is about the base image', () => {
    const rows = [row('run', { signs: ['403 Forbidden'], where: ['error'], family: 'run' })]
    expect(ids(['ERROR: failed to solve: web:', 'failed to resolve source metadata: 403 Forbidden'], ...rows)).toEqual(
      [],
    )
    expect(ids([`ERROR: failed to solve: ${error}`, 'GET https://x.example: 403 Forbidden'], ...rows)).toEqual(['run'])
  })
})

describe('a few lines that a tool wrote, quoted alone', () => {
  const lacking = row('lacking', { signs: ['no working compiler'], rank: 70 })
  const fetching = row('fetching', { signs: ['could not find'], rank: 65 })

  test('are explained by what a build is said to lack', () => {
    expect(ids(['no working compiler', 'could not find it'], lacking, fetching)).toEqual(['lacking'])
  })

  test('in a container also by what it could not fetch', () => {
    expect(ids(['could not find /usr/src/app/a.c'], fetching)).toEqual(['fetching'])
  })
})
