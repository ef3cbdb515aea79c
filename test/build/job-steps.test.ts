import { describe, expect, test } from 'vitest'
import { jobStepTracker } from '../../src/build/job-steps.ts'

function track(lines: string[]) {
  const tracker = jobStepTracker()
  const read = lines.map((line, index) => tracker.read(line, index + 1))
  return { steps: tracker.steps, read, current: tracker.current() }
}

const group = (name: string, ...inside: string[]) => [`##[group]Run ${name}`, ...inside, '##[endgroup]']

test('a step has its name, its line, its script and its errors', () => {
  const { steps, read } = track([
    ...group('make image', 'make image', 'shell: /usr/bin/bash -e {0}'),
    'building',
    '##[error]Process completed with exit code 2.',
  ])
  expect(steps).toEqual([
    {
      name: 'make image',
      line: 1,
      header: ['make image', 'shell: /usr/bin/bash -e {0}'],
      errors: [{ line: 6, text: 'Process completed with exit code 2.' }],
      post: false,
      docker: false,
    },
  ])
  expect(read).toEqual(['header', 'header', 'header', 'header', 'none', 'runner'])
})

test('an error belongs to the step it follows', () => {
  const { steps } = track([
    ...group('npm test'),
    '##[error]first',
    ...group('npm run lint'),
    '##[error]second',
    'Post job cleanup.',
    '##[error]third',
  ])
  expect(steps.map(({ name, post, errors }) => [name, post, errors.map(({ text }) => text)])).toEqual([
    ['npm test', false, ['first']],
    ['npm run lint', false, ['second']],
    ['Post job cleanup', true, ['third']],
  ])
})

test('a group that a program prints opens no step', () => {
  const { steps, read } = track([...group('make'), '##[group]Building docker image', 'inside', '##[endgroup]', 'after'])
  expect(steps).toHaveLength(1)
  expect(read.slice(2)).toEqual(['header', 'none', 'header', 'none'])
})

test('a log cut at its head begins inside a step without a name', () => {
  const { steps } = track(['output', '##[error]Process completed with exit code 1.'])
  expect(steps).toMatchObject([{ name: '', line: 1, errors: [{ line: 2 }] }])
})

test('of thousands of annotations the first ones and the last are kept', () => {
  const annotations = Array.from({ length: 5000 }, (_, index) => `##[error]lint ${index}`)
  const [step] = track([...group('npm run lint'), ...annotations]).steps
  expect(step?.errors).toHaveLength(20)
  expect(step?.errors[0]?.text).toBe('lint 0')
  expect(step?.errors.at(-1)?.text).toBe('lint 4999')
})

test('a header of any length is kept in part', () => {
  const [step] = track(group('x', ...Array.from({ length: 1000 }, () => 'echo'))).steps
  expect(step?.header).toHaveLength(200)
})

describe('a step runs Docker', () => {
  test.each([
    ['by its action', group('docker/build-push-action@v6')],
    ['by its script', group('./ci.sh', './ci.sh', 'docker compose build web')],
    ['by a command it echoes', [...group('acme/deploy@v1'), '[command]/usr/bin/docker buildx build .']],
    ['with podman', group('podman build .')],
  ])('%s', (_, lines) => {
    expect(track(lines).steps[0]?.docker).toBe(true)
  })

  test.each([
    ['when only the environment speaks of it', group('npm test', 'npm test', 'env:', '  DOCKER_REGISTRY: docker.io')],
    ['when it fetches from docker.io', group('curl https://docker.io/v2/')],
    ['when its output does', [...group('npm test'), 'docker is not running']],
    ['when the word is part of another', group('npm run dockerize')],
  ])('not %s', (_, lines) => {
    expect(track(lines).steps[0]?.docker).toBe(false)
  })
})
