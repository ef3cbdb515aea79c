import { expect, test } from 'vitest'
import { logReader } from '../../src/build/read-log.ts'
import { observe } from '../../src/diagnosis/observe.ts'

function imagesSeen(lines: string[]): string[] {
  const reader = logReader(() => {})
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  return observe(reader.end()).flatMap(({ name, captures }) =>
    name === 'from-image-built-here' ? (captures.image ?? '') : [],
  )
}

const denied = 'pull access denied, repository does not exist or may require authorization'
const asking = (image: string, driver = 'docker-container') => [
  `#0 building with "b" instance using ${driver} driver`,
  '#1 [internal] load build definition from Dockerfile',
  '#1 DONE 0.0s',
  `#2 [internal] load metadata for ${image}`,
  `#2 ERROR: ${denied}`,
  `ERROR: failed to build: failed to solve: ${denied}`,
]
const script = (commands: string[], ...output: string[]) => [
  `##[group]Run ${commands[0]}`,
  ...commands,
  'shell: /usr/bin/bash -e {0}',
  '##[endgroup]',
  ...output,
]

test.each([
  ['base', 'docker.io/library/base:latest'],
  ['acme/base:ci', 'docker.io/acme/base:ci'],
  ['localhost:5000/base', 'localhost:5000/base:latest'],
])('%s was built before', (tag, name) => {
  expect(imagesSeen(script([`docker build -t ${tag} base`, 'docker build -t web web'], ...asking(name)))).toEqual([
    name,
  ])
})

test.each([
  ['another image', ['docker build -t tools tools', 'docker build web'], 'docker-container'],
  ['what the build itself is called', ['docker build -t base web'], 'docker-container'],
  ['an image that was pushed', ['docker buildx build --push -t base .', 'docker build web'], 'docker-container'],
  ['an image that the builder sees', ['docker build -t base .', 'docker build web'], 'docker'],
])('not %s', (_, commands, driver) => {
  expect(imagesSeen(script(commands, ...asking('docker.io/library/base:latest', driver)))).toEqual([])
})
