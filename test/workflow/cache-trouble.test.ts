import { describe, expect, test } from 'vitest'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'
import { readBake } from '../../src/workflow/bake.ts'
import { cacheTrouble } from '../../src/workflow/cache-trouble.ts'
import { readWorkflow } from '../../src/workflow/read-workflow.ts'
import type { CacheTrouble, Edit, TroubleOptions } from '../../src/workflow/trouble/trouble.ts'

type Case = { on?: string; head?: string; job?: string; steps: string }

function workflow({
  on = '{ push: { branches: [main] }, pull_request: {} }',
  head = '',
  job = '',
  steps,
}: Case): string {
  const indented = (text: string, space: string) =>
    text
      .split('\n')
      .map((line) => space + line)
      .join('\n')
  const body = job === '' ? '' : `\n${indented(job, '    ')}`
  return `on: ${on}\n${head}\njobs:\n  image:\n    runs-on: ubuntu-latest${body}\n    steps:\n${indented(steps, '      ')}\n`
}

function troubleIn(text: string, options: TroubleOptions = {}): CacheTrouble[] {
  return cacheTrouble(readWorkflow(text, 'ci.yml'), options)
}

function applied(text: string, { startLine, endLine, replacement }: Edit): string {
  return text
    .split('\n')
    .toSpliced(startLine - 1, endLine - startLine + 1, ...replacement)
    .join('\n')
}

const buildx = '- uses: docker/setup-buildx-action@v3\n'
const step = (...inputs: string[]) =>
  `${buildx}- uses: docker/build-push-action@v6\n  with:\n${inputs.map((line) => `    ${line}`).join('\n')}`
const cached = ['cache-from: type=gha', 'cache-to: type=gha,mode=max']
const bare = `- uses: docker/build-push-action@v6\n  with:\n    context: web\n    push: true`

/** Two stages, of which the second copies from the first. */
const twoStages = readDockerfile('FROM node AS build\nRUN make\nFROM node\nCOPY --from=build /a /a\n', 'Dockerfile')

/** What each is found by; `edit` when an edit is expected, which is then applied. */
const cases: [kind: string, what: string, given: Case, edit: boolean, options?: TroubleOptions][] = [
  ['not-configured', 'nothing said', { steps: buildx + bare }, true],
  [
    'not-configured',
    'no inputs, no builder',
    { steps: '- run: date\n# why\n- name: Build\n  uses: docker/build-push-action@v6' },
    true,
  ],
  [
    'not-configured',
    'a matrix',
    { job: 'strategy: { matrix: { image: [web, api] } }', steps: step('context: ${{ matrix.image }}') },
    true,
  ],
  ['not-configured', 'a script', { steps: '- run: docker build -t app .' }, false],
  ['import-without-export', 'gha', { steps: step('cache-from: type=gha,scope=web', 'push: true') }, true],
  [
    'import-without-export',
    'registry, in a script',
    { steps: '- run: |\n    docker buildx build \\\n      --cache-from type=registry,ref=a/b:cache .' },
    true,
  ],
  ['export-without-import', 'nothing read', { steps: step('cache-to: |', '  type=gha,scope=a,mode=max') }, true],
  [
    'export-without-import',
    'another scope',
    { steps: step('cache-from: type=gha', 'cache-to: type=gha,scope=web,mode=max') },
    true,
  ],
  [
    'scope-clobbered',
    'two images',
    { steps: `${step('context: a', ...cached)}\n${step('context: b', ...cached)}` },
    true,
  ],
  [
    'scope-clobbered',
    'legs',
    { job: 'strategy: { matrix: { image: [web, api] } }', steps: step('context: ${{ matrix.image }}', ...cached) },
    true,
  ],
  [
    'scope-clobbered',
    'platforms',
    {
      job: 'strategy: { matrix: { platform: [linux/amd64, linux/arm64] } }',
      steps: step('platforms: ${{ matrix.platform }}', ...cached),
    },
    true,
  ],
  [
    'scope-clobbered',
    'legs that are made when it runs',
    {
      job: 'strategy: { matrix: { image: "${{ fromJSON(needs.a.outputs.b) }}" } }',
      steps: step('context: ${{ matrix.image }}', ...cached),
    },
    true,
  ],
  [
    'scope-clobbered',
    'a tag of a registry',
    {
      steps: `${step('context: a', 'cache-from: a/b:cache', 'cache-to: type=registry,ref=a/b:cache,mode=max')}\n${step('context: b', 'cache-from: a/b:cache', 'cache-to: type=registry,ref=a/b:cache,mode=max')}`,
    },
    false,
  ],
  [
    'mode-min-multi-stage',
    'no mode',
    { steps: step('cache-from: type=gha', 'cache-to: type=gha') },
    true,
    { dockerfileOf: () => twoStages },
  ],
  [
    'mode-min-multi-stage',
    'mode=min, quoted, in braces',
    {
      steps: `${buildx}- uses: docker/build-push-action@v6\n  with: { cache-from: type=gha, cache-to: "type=gha,mode=min" }`,
    },
    true,
    { dockerfileOf: () => twoStages },
  ],
  [
    'mode-min-multi-stage',
    'inline',
    { steps: step('push: true', 'tags: a/b:latest', 'cache-from: a/b:latest', 'cache-to: type=inline') },
    false,
    { dockerfileOf: () => twoStages },
  ],
  ['mode-invalid', 'mod=max', { steps: step('cache-from: type=gha', 'cache-to: type=gha,mod=max') }, true],
  ['mode-invalid', 'mode=maximum', { steps: step('cache-from: type=gha', 'cache-to: type=gha,mode=maximum') }, true],
  [
    'unreachable-from-ref',
    'the branch in the scope',
    {
      on: '[push, pull_request]',
      steps: step(
        'cache-from: type=gha,scope=${{ github.ref_name }}',
        'cache-to: type=gha,mode=max,scope=${{ github.ref_name }}',
      ),
    },
    true,
  ],
  [
    'unreachable-from-ref',
    'the branch in a block',
    {
      on: '[push]',
      steps: step(
        'cache-from: |',
        '  type=registry,ref=a/b:cache-${{ github.head_ref || github.ref_name }}',
        'cache-to: type=registry,mode=max,ref=a/b:cache-${{ github.head_ref || github.ref_name }}',
      ),
    },
    true,
  ],
  [
    'unreachable-from-ref',
    'the commit',
    {
      steps: step(
        'cache-from: type=gha,scope=${{ github.sha }}',
        'cache-to: type=gha,mode=max,scope=${{ github.sha }}',
      ),
    },
    false,
  ],
  [
    'unreachable-from-ref',
    'through env',
    {
      on: '[push]',
      head: 'env: { SCOPE: "x-${{ github.ref_name }}" }',
      steps: step('cache-from: type=gha,scope=${{ env.SCOPE }}', 'cache-to: type=gha,mode=max,scope=${{ env.SCOPE }}'),
    },
    false,
  ],
  ['unreachable-from-ref', 'tags only', { on: '{ push: { tags: ["v*"] } }', steps: step(...cached) }, false],
  [
    'export-disabled',
    'for pull requests only',
    {
      steps: step(
        'cache-from: type=gha',
        "cache-to: ${{ github.event_name == 'pull_request' && 'type=gha,mode=max' || '' }}",
      ),
    },
    true,
  ],
  ['export-disabled', 'cache-mode', { head: 'cache-mode: read', steps: step(...cached) }, false],
  [
    'export-disabled',
    'never on the default branch',
    {
      steps: `${step('cache-from: type=gha')}\n- if: github.ref != 'refs/heads/main'\n  uses: docker/build-push-action@v6\n  with: { cache-from: type=gha, cache-to: "type=gha,mode=max" }`,
    },
    false,
  ],
  ['no-cache-always', 'an input', { steps: step('no-cache: true', ...cached) }, true],
  ['no-cache-always', 'an option', { steps: '- run: docker build --no-cache --cache-from a/b:latest -t a .' }, true],
  [
    'gha-needs-driver',
    'no token',
    { steps: `${buildx}- run: docker buildx build --cache-from type=gha --cache-to type=gha,mode=max .` },
    false,
  ],
  [
    'gha-needs-driver',
    'no builder',
    { steps: `- name: Build\n  uses: docker/build-push-action@v6\n  with:\n    ${cached.join('\n    ')}` },
    true,
  ],
  [
    'local-never-rotated',
    'the same directory',
    {
      steps: `- uses: actions/cache@v4\n  with: { path: /tmp/cache, key: a }\n${step('cache-from: type=local,src=/tmp/cache', 'cache-to: type=local,dest=/tmp/cache,mode=max')}`,
    },
    true,
  ],
  [
    'local-never-rotated',
    'never moved',
    {
      steps: `- uses: actions/cache@v4\n  with: { path: /tmp/cache, key: a }\n${step('cache-from: type=local,src=/tmp/cache', 'cache-to: type=local,dest=/tmp/cache-new,mode=max')}`,
    },
    true,
  ],
]

describe('trouble', () => {
  test.each(cases)('%s: %s', (kind, _what, given, edit, options) => {
    const text = workflow(given)
    const found = troubleIn(text, options)
    expect(found.map((trouble) => trouble.kind)).toEqual([kind])
    const [trouble] = found
    expect(trouble?.edit !== null).toBe(edit)
    if (!trouble?.edit) return
    const mended = applied(text, trouble.edit)
    expect(readWorkflow(mended, 'ci.yml').problems).toEqual([])
    expect(troubleIn(mended, options).map((left) => left.kind)).toEqual([])
  })

  test.each<[string, Case, TroubleOptions?]>([
    ['a good one', { steps: step(...cached) }],
    ['its own machine', { job: 'runs-on: [self-hosted, big]', steps: bare }],
    [
      'export for the default branch only',
      {
        steps: step(
          'cache-from: type=gha',
          "cache-to: ${{ github.ref == 'refs/heads/main' && 'type=gha,mode=max' || '' }}",
        ),
      },
    ],
    [
      'export unless it is a pull request',
      {
        steps: step(
          'cache-from: type=gha',
          "cache-to: ${{ github.event_name != 'pull_request' && 'type=gha,mode=max' || '' }}",
        ),
      },
    ],
    ['pull requests only read', { on: 'pull_request', steps: step('cache-from: type=gha') }],
    [
      'a scope from a variable that only runs know',
      {
        job: 'strategy: { matrix: { platform: [linux/amd64, linux/arm64] } }',
        steps: step(
          'platforms: ${{ matrix.platform }}',
          'cache-from: type=gha,scope=build-${{ env.PAIR }}',
          'cache-to: type=gha,scope=build-${{ env.PAIR }},mode=max',
        ),
      },
    ],
    [
      'the default branch as a second source',
      {
        on: '[push]',
        steps: step(
          'cache-from: |',
          '  type=gha,scope=${{ github.ref_name }}',
          '  type=gha,scope=main',
          'cache-to: type=gha,mode=max,scope=${{ github.ref_name }}',
        ),
      },
    ],
    [
      'a test before the push',
      {
        steps: `${step('load: true', ...cached)}\n${step('platforms: linux/amd64,linux/arm64', 'push: true', ...cached)}`,
      },
    ],
    [
      'no-cache by the clock',
      { on: '{ schedule: [{ cron: "0 0 * * 0" }] }', steps: step('no-cache: true', ...cached) },
    ],
    ['no-cache when asked', { steps: step('no-cache: ${{ inputs.fresh || false }}', ...cached) }],
    ['options in a variable', { steps: '- run: docker build $ARGS .' }],
    [
      'inline, read by name',
      { steps: step('tags: a/b:latest', 'cache-from: type=registry,ref=a/b:latest', 'cache-to: type=inline') },
    ],
    [
      'a directory that is moved',
      {
        steps: `- uses: actions/cache@v4\n  with: { path: /tmp/cache, key: a }\n${step('cache-from: type=local,src=/tmp/cache', 'cache-to: type=local,dest=/tmp/cache-new,mode=max')}\n- run: rm -rf /tmp/cache && mv /tmp/cache-new /tmp/cache`,
      },
    ],
    ['no Dockerfile known', { steps: step('cache-from: type=gha', 'cache-to: type=gha') }],
    ['mode=max', { steps: step(...cached) }, { dockerfileOf: () => twoStages }],
    [
      'a remote builder',
      {
        steps:
          '- uses: docker/setup-buildx-action@v3\n  with: { driver: cloud, endpoint: a/b }\n- uses: docker/build-push-action@v6',
      },
    ],
    ['depot', { steps: '- uses: depot/build-push-action@v1' }],
  ])('none: %s', (_what, given, options) => {
    const text = workflow(given).replace('runs-on: ubuntu-latest\n    runs-on', 'runs-on')
    expect(troubleIn(text, options)).toEqual([])
  })
})

describe('ignoring', () => {
  test.each([
    ['above', '# layerwise ignore=no-cache-always nightly images must be new\nno-cache: true'],
    ['beside', 'no-cache: true # layerwise ignore=no-cache-always nightly images must be new'],
  ])('%s', (_where, lines) => {
    const [trouble, ...others] = troubleIn(workflow({ steps: step(...lines.split('\n'), ...cached) }))
    expect(others).toEqual([])
    expect(trouble).toMatchObject({ kind: 'no-cache-always', ignored: { reason: 'nightly images must be new' } })
  })

  test('needs a reason, and the right kind', () => {
    const kindsOf = (comment: string) =>
      troubleIn(workflow({ steps: step(`no-cache: true # ${comment}`, ...cached) })).map(({ kind, ignored }) => [
        kind,
        ignored,
      ])
    expect(kindsOf('layerwise ignore=no-cache-always')).toEqual([
      ['no-cache-always', null],
      ['ignore-without-reason', null],
    ])
    expect(kindsOf('layerwise ignore=mode-invalid because')).toEqual([['no-cache-always', null]])
  })
})

test('targets of a bake file are looked at in their own lines', () => {
  const text = `group "default" { targets = ["web", "api"] }
target "web" {
  context = "web"
  cache-from = ["type=gha"]
  cache-to = ["type=gha,mod=max"]
}
target "api" {
  context = "api"
  cache-from = ["type=gha"]
  cache-to = ["type=gha,mode=max"]
}
`
  const found = troubleIn(workflow({ steps: `${buildx}- uses: docker/bake-action@v6` }), {
    bakeOf: () => readBake(text, 'docker-bake.hcl'),
  })
  expect(found.map(({ kind, file, line }) => [kind, file, line])).toEqual([
    ['mode-invalid', 'docker-bake.hcl', 5],
    ['scope-clobbered', 'docker-bake.hcl', 10],
  ])
  expect(found[0]?.edit).toEqual({ startLine: 5, endLine: 5, replacement: ['  cache-to = ["type=gha,mode=max"]'] })
})
