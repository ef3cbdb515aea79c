import { describe, expect, test } from 'vitest'
import { expand, legsOf } from '../../src/workflow/expand.ts'
import { readWorkflow } from '../../src/workflow/read-workflow.ts'
import type { ImageBuild } from '../../src/workflow/workflow.ts'

function buildsIn(...steps: string[]): ImageBuild[] {
  const head = ['on: push', 'jobs:', '  image:', '    runs-on: ubuntu-latest', '    steps:']
  return readWorkflow([...head, ...steps.map((line) => `      ${line}`)].join('\n'), 'ci.yml').builds
}

describe('scripts', () => {
  test('of PowerShell go on after a backtick', () => {
    const [build] = buildsIn('- run: |', '    & docker build `', '      --target app `', '      --no-cache .')
    expect(build).toMatchObject({ line: 7, target: 'app', noCacheLine: 9, context: '.', opaque: false })
  })

  test('options stand in the lines that they are written in', () => {
    const [first, second] = buildsIn(
      '- run: |',
      '    set -e',
      '',
      '    DOCKER_BUILDKIT=1 docker build \\',
      '      --cache-from type=gha,scope=x \\',
      '      --build-arg "A=b c" -t $REG/app:${{ github.sha }} \\',
      '      --cache-to=type=gha,scope=x . && docker push x',
      '- run: >-',
      '    docker build',
      '    --target base',
      '    --no-cache .',
    )
    expect(first).toMatchObject({
      ...{
        line: 9,
        context: '.',
        file: 'Dockerfile',
        how: { kind: 'docker-build' },
        tags: ['$REG/app:${{ github.sha }}'],
      },
      buildArgs: [{ name: 'A', value: 'b c', line: 11 }],
      cacheFrom: [{ type: 'gha', scope: 'x', line: 10 }],
      cacheTo: [{ type: 'gha', scope: 'x', line: 12 }],
    })
    expect(second).toMatchObject({ line: 14, target: 'base', noCache: 'yes', noCacheLine: 16 })
  })

  test.each([
    [
      'sudo docker buildx build -f web/Dockerfile web',
      { how: { kind: 'buildx-build' }, context: 'web', file: 'web/Dockerfile' },
    ],
    [
      'if make; then docker image build -q ./svc; fi',
      { how: { kind: 'docker-build' }, context: 'svc', file: 'svc/Dockerfile' },
    ],
    ['cd web && docker build .', { context: 'web', file: 'web/Dockerfile' }],
    ['ID=$(docker build -q .)', { context: '.' }],
    [
      'docker compose -f a.yml build --no-cache web',
      { how: { kind: 'compose' }, noCache: 'yes', bake: { files: ['a.yml'], targets: ['web'] } },
    ],
    ['docker-compose up -d --build', { how: { kind: 'compose' }, bake: { files: [], targets: [] } }],
    [
      'docker buildx bake --set "*.cache-from=type=gha" app',
      { how: { kind: 'bake' }, cacheFrom: [{ type: 'gha' }], bake: { targets: ['app'] } },
    ],
    ['podman build -t a .', { how: { kind: 'other', name: 'podman build' } }],
    ['docker build ${{ env.ARGS }} .', { opaque: true }],
    ['docker build "$DIR/web"', { opaque: false, context: '$DIR/web' }],
  ])('%s', (script, expected) => {
    expect(buildsIn(`- run: ${script}`)).toMatchObject([expected])
  })

  test.each([
    'echo "docker build ."',
    'docker compose up -d',
    'docker push x',
    '# docker build .',
    'docker buildx bake --print',
  ])('%s builds nothing', (script) => {
    expect(buildsIn('- run: |', `    ${script}`)).toEqual([])
  })
})

test('legs fill in what the matrix knows, and the rest stays as written', () => {
  const text = `
on: push
env: { REGISTRY: ghcr.io }
jobs:
  image:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        image: [service, web]
        include:
          - { image: web, target: runner }
          - { image: docs }
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: \${{ matrix.image }}
          target: \${{ matrix.target }}
          tags: \${{ env.REGISTRY }}/acme/\${{ matrix.image }}:\${{ github.sha }}
`
  const [build] = readWorkflow(text, 'ci.yml').builds
  if (!build) throw new Error('expected a build')
  expect(
    legsOf(build)
      .map((leg) => expand(build, leg))
      .map(({ context, target, tags }) => [context, target, tags[0]]),
  ).toEqual([
    ['service', '', 'ghcr.io/acme/service:${{ github.sha }}'],
    ['web', 'runner', 'ghcr.io/acme/web:${{ github.sha }}'],
    ['docs', '', 'ghcr.io/acme/docs:${{ github.sha }}'],
  ])
})
