import { globSync, readFileSync } from 'node:fs'
import { applyPatch } from 'diff'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RebuildInput, rebuildInput } from '../../src/remedy/rebuild-input.ts'
import { readWorkflow } from '../../src/workflow/read-workflow.ts'

const file = '.github/workflows/ci.yml'

function read(text: string, configured: string | null = null): RebuildInput {
  return rebuildInput({ text, file, configured })
}

/** A workflow with this boolean input, these keys of its job and these steps. */
function workflow(input: string, steps: string, job = ''): string {
  return `on:
  push:
  workflow_dispatch:
    inputs:
      ${input}: { type: boolean, default: false }
jobs:
  build:
    runs-on: ubuntu-latest
${job.replace(/^(?=.)/gm, '    ')}
    steps:
      - uses: actions/checkout@v4
${steps.replace(/^(?=.)/gm, '      ')}
`
}

const action = (value: string) => `- uses: docker/build-push-action@v6\n  with:\n    context: .\n    no-cache: ${value}`
const script = (...lines: string[]) => ['- run: |', ...lines.map((line) => `    ${line}`)].join('\n')

describe('an input that the builds follow is found', () => {
  test.each<[string, string, string]>([
    ['in the action', 'no-cache', action('${{ inputs.no-cache }}')],
    ['with a default', 'no_cache', action('${{ inputs.no_cache || false }}')],
    ['as the event has it', 'nocache', action('${{ github.event.inputs.nocache }}')],
    ['compared with a text', 'clean', action("${{ github.event.inputs.clean == 'true' }}")],
    ['in brackets', 'no-cache', action("${{ inputs['no-cache'] }}")],
    ['in other letters', 'No-Cache', action('${{ inputs.no-cache }}')],
    ['beside a schedule', 'clean', action("${{ github.event_name == 'schedule' || inputs.clean }}")],
    ['turned around', 'use-cache-not', action('${{ !(!inputs.use-cache-not) }}')],
    ['in the option of a script', 'clean', script("docker build ${{ inputs.clean && '--no-cache' || '' }} .")],
    ['as the value of the option', 'clean', script('docker buildx build --no-cache=${{ inputs.clean }} .')],
    [
      'in a condition of the shell',
      'clean',
      script('flags=', 'if [ "${{ inputs.clean }}" = true ]; then flags=--no-cache; fi', 'docker build $flags .'),
    ],
    [
      'by the environment of the step',
      'force-rebuild',
      '- run: docker build ${CLEAN:+--no-cache} .\n  env:\n    CLEAN: "${{ inputs.force-rebuild && 1 || \'\' }}"',
    ],
    [
      'by the environment, in the action',
      'clean',
      `${action('${{ env.FRESH }}')}\n  env: { FRESH: "\${{ inputs.clean }}" }`,
    ],
    ['handed to a script of one’s own', 'clean', '- run: make image\n  env:\n    NO_CACHE: ${{ inputs.clean }}'],
    [
      'in what is set for bake',
      'clean',
      '- uses: docker/bake-action@v6\n  with:\n    set: |\n      *.no-cache=${{ inputs.clean }}',
    ],
    [
      'as the condition of a step',
      'clean',
      '- if: inputs.clean\n  uses: docker/build-push-action@v6\n  with: { context: ., no-cache: true }',
    ],
  ])('%s', (_how, input, steps) => {
    expect(read(workflow(input, steps))).toEqual({ kind: 'found', input, why: expect.any(String) })
  })

  test('in a workflow that is called', () => {
    const text = `on: { workflow_dispatch: { inputs: { clean: { type: boolean } } } }
jobs:
  image:
    uses: ./.github/workflows/image.yml
    with:
      no-cache: \${{ inputs.clean }}
`
    expect(read(text)).toMatchObject({ kind: 'found', input: 'clean' })
  })

  test('of two the one that speaks of the cache', () => {
    const both = workflow('clean', action('${{ inputs.clean || inputs.no-cache }}')).replace(
      '      clean:',
      '      no-cache: { type: boolean }\n      clean:',
    )
    expect(read(both)).toMatchObject({ kind: 'found', input: 'no-cache' })
  })
})

describe('an input that would do something else is not', () => {
  test.each<[string, string, string]>([
    ['one that nothing reads', 'no-cache', action('false')],
    ['one that only a comment reads', 'no-cache', `${action('false')}\n    # no-cache: \${{ inputs.no-cache }}`],
    ['one that asks for the cache', 'use-cache', action('${{ inputs.use-cache }}').replace('no-cache:', 'load:')],
    ['one that turns the cache on', 'use-cache', action('${{ !inputs.use-cache }}')],
    [
      'one that turns it on in a script',
      'cache',
      script('[ "${{ inputs.cache }}" = true ] || flags=--no-cache', 'docker build $flags .'),
    ],
    ['one of another name', 'no-cache', action('${{ inputs.no-cache-2 }}')],
    ['one beside a cache that is always off', 'no-cache', action('true')],
    [
      'one that names a stage',
      'stage',
      action('false').replace('no-cache: false', 'no-cache-filters: ${{ inputs.stage }}'),
    ],
    [
      'one that only a comment of the script reads',
      'clean',
      script('# --no-cache if ${{ inputs.clean }}', 'docker build .'),
    ],
    ['one that is not true alone', 'clean', action('${{ inputs.clean && inputs.really }}')],
  ])('%s', (_what, input, steps) => {
    expect(read(workflow(input, steps)).kind).toBe('none')
  })

  test('one that is no boolean', () => {
    const text = workflow('no-cache', action('${{ inputs.no-cache }}')).replace('boolean', 'string')
    expect(read(text)).toMatchObject({
      kind: 'none',
      because: `${file} has no boolean input that turns the cache off.`,
      add: null,
    })
  })
})

describe('why there is none', () => {
  const plain = workflow('dry-run', action('false')).replace('    no-cache: false\n', '')

  test.each([
    ['it cannot be started by hand', 'on: push\njobs: { a: { steps: [] } }', 'cannot be started by hand'],
    ['it has other inputs', plain, 'has no boolean input that turns the cache off'],
    [
      'its input is not followed',
      workflow('no_cache', action('false')),
      'has an input no_cache, but no build follows it',
    ],
    ['it is no YAML', 'on: [push', 'cannot be read as a workflow: line 1:'],
    ['it has no jobs', 'on: push', 'has no jobs that I can read'],
  ])('%s', (_why, text, because) => {
    const answer = read(text)
    expect(answer.kind === 'none' && answer.because).toContain(because)
  })
})

describe('the configured name', () => {
  test('is taken when it is a boolean input, whatever follows it', () => {
    expect(read(workflow('fresh', '- run: make'), 'fresh')).toMatchObject({ kind: 'found', input: 'fresh' })
  })

  test('is refused when there is no such input, and nothing else is tried', () => {
    const answer = read(workflow('no-cache', action('${{ inputs.no-cache }}')), 'fresh')
    expect(answer).toMatchObject({ kind: 'none', because: expect.stringContaining('names the input fresh'), add: null })
  })
})

describe('the lines to add', () => {
  test('fit into the file as it is written', () => {
    const answer = read(
      'on: [push, pull_request]\njobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          push: true\n',
    )
    expect(answer.kind === 'none' && answer.add?.diff).toBe(`--- a/${file}
+++ b/${file}
@@ -1,7 +1,16 @@
-on: [push, pull_request]
+on:
+  push:
+  pull_request:
+  workflow_dispatch:
+    inputs:
+      no-cache:
+        description: Build without the layer cache
+        type: boolean
+        default: false
 jobs:
   a:
     steps:
       - uses: docker/build-push-action@v6
         with:
+          no-cache: \${{ inputs.no-cache || false }}
           push: true
`)
  })

  test('use the input that is there and not followed', () => {
    const answer = read(workflow('no_cache', action('x')).replace('    no-cache: x\n', ''))
    const diff = answer.kind === 'none' ? answer.add?.diff : ''
    expect(diff?.match(/^\+.*$/gm)?.slice(1)).toEqual(['+          no-cache: ${{ inputs.no_cache || false }}'])
  })

  test('say which build a person has to see to', () => {
    const steps = `${action('x').replace('    no-cache: x', '    push: true')}\n${script('docker build $FLAGS .')}`
    const answer = read(workflow('dry-run', steps))
    expect(answer.kind === 'none' && answer.because).toMatch(
      /The docker build in line \d+ needs its --no-cache by hand\.$/,
    )
  })

  test('are not given where no build can follow', () => {
    expect(read('on: push\njobs: { a: { steps: [{ run: make }] } }')).toMatchObject({ kind: 'none', add: null })
  })

  const triggers = [
    'on: push',
    'on: [push, workflow_dispatch]',
    'on:\n  - push\n  - pull_request # both',
    '"on": push',
    'on:\n  push:\n    branches: [main]',
    'on:\n    push:\n    workflow_dispatch:',
    'on:\n  workflow_dispatch: {}\n  push:',
    'on:\n  workflow_dispatch:\n    inputs:\n      level:\n        type: string\n  push:',
    'on:\n  workflow_dispatch:\n      inputs:\n          level: { type: string }',
    'on:\n  workflow_dispatch:\n    inputs: { level: { type: string } }',
    'on:\n  workflow_dispatch: { inputs: { level: { type: string } } }',
    'on: { push: { branches: [main] } }',
    'on:\n  workflow_call:\n    inputs:\n      tag: { type: string }',
  ]
  const builds = [
    '      - uses: docker/build-push-action@v6',
    '      - uses: docker/build-push-action@v6\n        with:\n          push: true',
    '      - name: Build\n        uses: docker/build-push-action@v6\n        id: b',
    '      - uses: docker/build-push-action@v6\n        with: { push: true }',
    '      - uses: docker/bake-action@v6\n        with:\n            targets: a',
    '      - run: docker build -t x .',
    '      - run: |\n          set -e\n          docker buildx build --push \\\n            -t x .',
    '      - run: >-\n          docker build\n          -t x .',
    '      - run: "docker build -t x ."',
  ]
  const heads = ['', 'name: CI\n', '# first\nname: "CI"\n\n']
  const style = fc.record({
    head: fc.constantFrom(...heads),
    on: fc.constantFrom(...triggers),
    steps: fc.array(fc.constantFrom(...builds), { minLength: 1, maxLength: 3 }),
    after: fc.boolean(),
    end: fc.constantFrom('\n', '', '\r\n'),
  })

  test('do what they promise, in whatever style the file is written', () => {
    fc.assert(
      fc.property(style, ({ head, on, steps, after, end }) => {
        const jobs = `jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n${steps.join('\n')}`
        const text = (head + (after ? `${jobs}\n${on}` : `${on}\n${jobs}`) + end).replaceAll(
          /\r?\n/g,
          end === '\r\n' ? '\r\n' : '\n',
        )
        promisesKept(text)
      }),
      { numRuns: 300 },
    )
  })

  test.each(triggers)('are given for %j', (on) => {
    expect(promisesKept(`${on}\njobs:\n  a:\n    steps:\n${builds[1]}\n`)).not.toBeNull()
  })

  test.each(builds.filter((build) => !build.includes('>-')))('are given for %j', (build) => {
    expect(promisesKept(`on: push\njobs:\n  a:\n    steps:\n${build}\n`)).not.toBeNull()
  })

  test.each(globSync('test/fixtures/{workflows,lint/lab/.github/workflows}/*.yml'))('of %s', (path) => {
    promisesKept(readFileSync(path, 'utf8'))
  })
})

/** Applies the proposal, if there is one: the file parses, has the input, and keeps all that it had. */
function promisesKept(text: string): string | null {
  const answer = read(text)
  if (answer.kind === 'found' || answer.add === null) return null
  const patched = applyPatch(text.replaceAll('\r\n', '\n'), answer.add.diff)
  if (patched === false) throw new Error(`the diff does not fit:\n${answer.add.diff}`)
  expect(read(patched)).toMatchObject({ kind: 'found' })
  const [before, after] = [readWorkflow(text, file), readWorkflow(patched, file)]
  expect(after.problems).toEqual([])
  expect(after.triggers.events).toEqual(expect.arrayContaining(before.triggers.events))
  expect(after.jobs.map(({ id, steps }) => [id, steps.length])).toEqual(
    before.jobs.map(({ id, steps }) => [id, steps.length]),
  )
  expect(after.builds).toHaveLength(before.builds.length)
  const inputs = (all: typeof before) => all.triggers.dispatch?.map(({ name }) => name) ?? []
  expect(inputs(after)).toEqual(expect.arrayContaining(inputs(before)))
  return patched
}

test('whatever the text, there is an answer', () => {
  const piece = fc.constantFrom(
    'on:',
    ' ',
    '\n',
    '- ',
    'jobs:',
    'inputs',
    '${{',
    '}}',
    'no-cache: ',
    '{',
    '}',
    '"',
    "'",
    'run: docker build .',
    'workflow_dispatch',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      expect(['found', 'none']).toContain(read(pieces.join('')).kind)
    }),
  )
})
