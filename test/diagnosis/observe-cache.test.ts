import { describe, expect, test } from 'vitest'
import { logReader } from '../../src/build/read-log.ts'
import { observe } from '../../src/diagnosis/observe.ts'

function seen(...lines: string[]): string[] {
  const reader = logReader(() => {})
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  return observe(reader.end())
    .filter(({ name }) => name !== 'builder-on-runner')
    .map(({ name, captures }) => [name, ...Object.values(captures)].join(' '))
}

const action = '##[group]Run docker/build-push-action@v6'
const opening = ['#1 [internal] load build definition from Dockerfile', '#1 DONE 0.0s', '']
const container = '#0 building with "b" instance using docker-container driver'
const ghaImport = ['#2 importing cache manifest from gha:13023840782359811296', '#2 DONE 0.3s', '']
const step = (number: number, name: string, state: string) => [`#${number} ${name}`, `#${number} ${state}`, '']
const end = ['#9 exporting to image', '#9 DONE 1.0s', 'Cleaning up orphan processes']
const install = step(3, '[deps 4/4] RUN npm ci', 'DONE 42.0s')

/** A build as build-push-action runs it. */
const build = (options: string, ...steps: string[]) => [
  action,
  '##[endgroup]',
  `[command]/usr/bin/docker buildx build ${options} .`,
  container,
  '',
  ...opening,
  ...steps,
  ...end,
]

/** A build as a `run:` step does. */
const script = (command: string[], ...steps: string[]) => [
  `##[group]Run ${command[0]}`,
  ...command,
  'shell: /usr/bin/bash -e {0}',
  'env:',
  '  CACHE: type=gha,scope=other',
  '##[endgroup]',
  container,
  '',
  ...opening,
  ...steps,
  ...end,
]

describe('an entry of the GitHub cache without effect', () => {
  const command = ['docker buildx build \\', '  --cache-from type=gha,scope=web \\', '  --tag web .']

  test('is one that the script has and the build does not', () => {
    expect(seen(...script(command, ...install))).toEqual(['gha-cache-without-effect type=gha,scope=web'])
  })

  test('not one that was imported', () => {
    expect(seen(...script(command, ...ghaImport, ...install))).toEqual([])
  })

  test('not one of a build that did not come to an end', () => {
    expect(seen(...script(command, ...install).slice(0, -3))).toEqual([])
  })

  test('not the one of another build in the same script', () => {
    expect(seen(...script([...command, 'docker build other'], ...install))).toEqual([])
  })
})

describe('no cache', () => {
  test('is neither read nor written by a whole command, and the steps take long', () => {
    expect(seen(...build('--push', ...install))).toEqual(['cache-never-used'])
  })

  test.each([
    [
      'is read',
      build(
        '--cache-from type=registry,ref=a/b:c',
        ...step(2, 'importing cache manifest from a/b:c', 'DONE 1s'),
        ...install,
      ),
    ],
    ['is not worth it', build('--push', ...step(3, '[deps 4/4] RUN npm ci', 'DONE 12.0s'))],
    ['stays in the builder', build('--push', ...install, ...step(4, '[deps 3/4] COPY . .', 'CACHED'))],
    ['may be set in a script’s variable', script(['docker buildx build $OPTIONS .'], ...install)],
    [
      'may be set in a bake file',
      build('--push', ...install).map((line) => line.replace('buildx build', 'buildx bake')),
    ],
    ['is the engine’s own', build('--push', ...install).map((line) => line.replace('docker-container', 'docker'))],
  ])('%s: nothing is said', (_, lines) => {
    expect(seen(...lines)).toEqual([])
  })

  test('or it is written and never read', () => {
    expect(seen(...build('--cache-to type=registry,ref=a/b:c', ...install))).toEqual(['cache-written-never-read'])
  })

  test('or it is switched off', () => {
    expect(seen(...build('--no-cache --push', ...install))).toEqual(['cache-switched-off'])
    expect(seen(...build('--set *.no-cache=true', ...install))).toEqual(['cache-switched-off'])
    expect(seen(...build('--tag acme/no-cache --cache-from a/b:c', ...install))).toEqual([])
  })
})

describe('an attribute that BuildKit passes over', () => {
  test.each([
    ['type=gha,mod=max', ['unknown-cache-attribute mod=max type=gha,mod=max']],
    ['type=gha,mode=maximum', ['unknown-cache-attribute mode=maximum type=gha,mode=maximum']],
    ['type=gha,scopes=web', ['unknown-cache-attribute scopes=web type=gha,scopes=web']],
    ['type=gha,mode=max,scope=web,ignore-error=true', []],
    ['type=gha,brand-new=yes', []],
    ['type=s3,buckets=a', []],
  ])('%s', (entry, wanted) => {
    expect(
      seen(...build(`--cache-to ${entry} --cache-from type=gha`, ...ghaImport, ...step(3, '[2/2] RUN a', 'CACHED'))),
    ).toEqual(wanted)
  })
})

describe('a GitHub cache that gave nothing', () => {
  const cold = (first: string, state = 'DONE 9.0s') => [
    ...ghaImport,
    ...step(3, `[a 2/4] ${first}`, state),
    ...step(4, '[a 3/4] COPY . .', 'DONE 0.1s'),
    ...step(5, '[a 4/4] RUN make', 'DONE 9.0s'),
  ]
  const options = '--cache-from type=gha --cache-to type=gha'

  test('had nothing for a step that depends on no file', () => {
    expect(seen(...build(options, ...cold('RUN apt-get update')))).toEqual(['gha-import-without-hits'])
  })

  test.each([
    ['a hit', cold('RUN apt-get update', 'CACHED')],
    ['only steps that files may have changed', cold('COPY . .')],
    ['a second source', [...step(6, 'importing cache manifest from a/b:c', 'DONE 1s'), ...cold('RUN apt-get update')]],
    ['a failed import', cold('RUN apt-get update').map((line) => line.replace('#2 DONE 0.3s', '#2 ERROR: 503'))],
  ])('not with %s', (_, steps) => {
    expect(seen(...build(options, ...steps))).toEqual([])
  })
})

describe('two images in one scope', () => {
  const image = (options: string) => build(options, ...ghaImport, ...step(3, '[2/2] RUN a', 'CACHED')).slice(0, -1)
  const both = (one: string, other: string) => seen(...image(one), ...image(other))
  const gha = (scope: string) => `--cache-from type=gha${scope} --cache-to type=gha${scope},mode=max`

  test('by the Dockerfile', () => {
    expect(both(`${gha(',scope=x')} -f a/Dockerfile`, `${gha(',scope=x')} -f b/Dockerfile`)).toEqual([
      'same-gha-scope-twice x',
    ])
    expect(both(`${gha('')} --file a`, `${gha('')} --file b`)).toEqual(['same-gha-scope-twice buildkit'])
  })

  test('not the same image twice, for instance loaded, tested and pushed', () => {
    expect(both(`${gha('')} --load`, `${gha('')} --push`)).toEqual([])
  })

  test('not in scopes of their own', () => {
    expect(both(`${gha(',scope=x')} -f a`, `${gha(',scope=y')} -f b`)).toEqual([])
  })
})

test('the command is quoted with the line that echoes it', () => {
  const lines = build('--no-cache --push', ...install)
  const reader = logReader(() => {})
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  const [{ line, text } = { line: 0, text: '' }] = observe(reader.end()).filter(
    ({ name }) => name === 'cache-switched-off',
  )
  expect(lines[line - 1]).toBe(text)
})

test('dependencies cooked by cargo-chef', () => {
  expect(seen(...opening, ...step(3, '[b 3/5] RUN cargo chef cook --release', 'CACHED'), ...end)).toEqual([
    'cook-in-build',
  ])
  expect(seen(...opening, ...step(3, '[b 3/5] RUN cargo chef prepare', 'DONE 1.0s'), ...end)).toEqual([])
})
