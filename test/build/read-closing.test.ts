import { describe, expect, test } from 'vitest'
import { logReader } from '../../src/build/read-log.ts'

function read(...lines: string[]) {
  const said: [string, string][] = []
  const reader = logReader(({ place, text }) => said.push([place, text]))
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  const { builds, jobSteps } = reader.end()
  return { builds, jobSteps, said }
}

const failed = 'process "/bin/sh -c make" did not complete successfully: exit code: 2'

describe('the closing error', () => {
  test.each(['<title>502 Bad Gateway</title>', 'Learn more at https://docs.example/builders'])(
    'goes on: %s',
    (line) => {
      const { builds, said } = read('ERROR: failed to solve: x', line)
      expect(builds[0]?.finalError?.text).toBe(`ERROR: failed to solve: x\n${line}`)
      expect(said.at(-1)).toEqual(['error', line])
    },
  )

  test.each([
    "The command '/bin/sh -c make' returned a non-zero code: 2",
    'make: *** [image] Error 1',
    'Finished: FAILURE',
    '[Pipeline] }',
    'ERROR: Job failed: exit code 1',
    'npm error code ELIFECYCLE',
    '+ docker push acme/web',
    'section_end:1700000000:step_script',
  ])('ends where somebody else speaks: %s', (line) => {
    const { builds } = read('ERROR: failed to solve: x', line, 'and so on')
    expect(builds.map(({ finalError }) => finalError?.text)).toEqual(['ERROR: failed to solve: x'])
  })

  test('is repeated by whoever ran the builder: that is no second build', () => {
    const { builds } = read(`ERROR: failed to solve: ${failed}`, '', `deploy: build failed: ${failed}`)
    expect(builds).toHaveLength(1)
  })
})

describe('Azure Pipelines', () => {
  test('marks what the builder says last', () => {
    const { builds, jobSteps } = read(
      '##[section]Starting: Build image',
      '##[command]/usr/bin/docker build -t acme/web .',
      'Step 1/2 : FROM alpine',
      ' ---> a606584aa9aa',
      'Step 2/2 : RUN make',
      ' ---> Running in 991d98c78f23',
      'make: *** [all] Error 2',
      "##[error]The command '/bin/sh -c make' returned a non-zero code: 2",
      "##[error]The process '/usr/bin/docker' failed with exit code 2",
      '##[section]Finishing: Build image',
      '##[section]Starting: Clean up',
    )
    expect(jobSteps.map(({ name, docker }) => [name, docker])).toEqual([
      ['Build image', true],
      ['Clean up', false],
    ])
    expect(builds.map(({ command, finalError, jobStep }) => [command, finalError?.line, jobStep])).toEqual([
      ['/usr/bin/docker build -t acme/web .', 8, 0],
    ])
    expect([...(builds[0]?.vertices.values() ?? [])].at(-1)).toMatchObject({ text: 'RUN make', status: 'failed' })
  })

  test('of a log that begins inside the task it is the closing error too', () => {
    const { builds } = read('Step 2/2 : COPY a b', '##[error]COPY failed: stat a: file does not exist')
    expect([...(builds[0]?.vertices.values() ?? [])][0]).toMatchObject({ text: 'COPY a b', status: 'failed' })
    expect(read('##[error]COPY failed: stat a: file does not exist').builds).toHaveLength(1)
  })
})

test.each([
  ['preparing build cache for export', 'export'],
  ['exporting layers', 'image'],
  ['writing layer sha256:0a1b', 'internal'],
])('a vertex whose head was cut and that says "%s" is of kind %s', (text, kind) => {
  const { builds } = read(`#26 ${text}`, '#26 20.95 error: no active session', '#26 ERROR: gone')
  expect([...(builds[0]?.vertices.values() ?? [])].map(({ name }) => name.kind)).toEqual([kind])
})

test('bare lines below a step’s header are its output: somebody took the times off', () => {
  const { said } = read('#14 [web 2/3] RUN make', 'cc: not found', `#14 ERROR: ${failed}`)
  expect(said).toContainEqual(['step', 'cc: not found'])
})

test('a block that was pasted without its blank is one', () => {
  const { builds } = read('------', '> [web 2/3] RUN make:', '0.2 gone', '------', `ERROR: failed to solve: ${failed}`)
  expect([...(builds[0]?.vertices.values() ?? [])].map(({ text }) => text)).toEqual(['[web 2/3] RUN make'])
})

test('the line of buildah that a terminal broke names its step all the same', () => {
  const { builds } = read(
    'apt-get: command not found',
    'Error: building at STEP "RUN apt-get inst',
    'all": while running runtime',
  )
  expect([...(builds[0]?.vertices.values() ?? [])].map(({ text }) => text)).toEqual(['RUN apt-get inst'])
})
