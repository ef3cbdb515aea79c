import { describe, expect, it } from 'vitest'
import { logReader } from '../../src/build/read-log.ts'

/** Places of the lines as they were told last: what is adopted is told once more. */
function placesOf(log: string): { texts: string[]; builds: number } {
  const last = new Map<number, string>()
  const reader = logReader(({ number, place, text }) => last.set(number, `${place}: ${text}`))
  reader.feed(new TextEncoder().encode(log))
  return { builds: reader.end().builds.length, texts: [...last.values()] }
}

describe('a text that is cut out of its build', () => {
  it('is output of a step when its lines carry times of BuildKit', () => {
    expect(placesOf('0.391 bun install v1.1.6\n0.447\n19.65 error: lockfile is frozen\n')).toEqual({
      builds: 1,
      texts: ['step: bun install v1.1.6', 'step: ', 'step: error: lockfile is frozen'],
    })
  })

  it('is taken for it when it names paths of a container and none of a machine', () => {
    const log = "unable to execute 'gcc'\nrunning /usr/src/app/setup.py\n"
    expect(placesOf(log).texts).toEqual(["step: unable to execute 'gcc'", 'step: running /usr/src/app/setup.py'])
    expect(placesOf(log).builds).toBe(0)
    for (const line of [
      'cwd /home/ada/shop',
      'C:\\work\\shop',
      'docker run -it web npm ci',
      "Build step 'Execute shell'",
    ])
      expect(placesOf(`${log}${line}\n`).texts[0]).toBe("client: unable to execute 'gcc'")
  })

  it('may be it when a tool wrote a few lines and nobody else any', () => {
    expect(placesOf('make: *** [all] Error 2\n1.5 of 3 done\n').texts[0]).toBe('step: make: *** [all] Error 2')
    for (const line of [
      '$ make all',
      'ada@shop:~/web$ make all',
      'sudo make all',
      'docker: Error response from daemon: gone',
      '2024-05-01 12:00:00 started',
      'Unable to connect to the daemon',
    ])
      expect(placesOf(`make: *** [all] Error 2\n${line}\n`).texts[0]).toBe('client: make: *** [all] Error 2')
    const many = 'cc main.c\n'.repeat(60)
    expect(placesOf(`${many}make: *** [all] Error 2\n`).texts.at(-1)).toBe('client: make: *** [all] Error 2')
  })
})

describe('the failed command of the classic builder', () => {
  it.each([
    "ERROR: Service 'web' failed to build: The command '/bin/sh -c make' returned a non-zero code: 2",
    "	* Status: The command '/bin/sh -c make' returned a non-zero code: 2, Code: 2",
    'INFO[0008] The command [/bin/sh -c make] returned a non-zero code: 2',
  ])('is heard behind what others put before it: %s', (last) => {
    const { builds, texts } = placesOf(`make: *** [all] Error 2\n${last}\n`)
    expect(builds).toBe(1)
    expect(texts[0]).toBe('step: make: *** [all] Error 2')
  })
})

describe('a failed command without the step above it', () => {
  it('is a build of one step, also when nothing stands before it', () => {
    expect(placesOf("The command '/bin/sh -c make' returned a non-zero code: 2\n").builds).toBe(1)
  })

  it('is told by buildah and podman as well', () => {
    const last = 'Error: error building at STEP "RUN make": error while running runtime: exit status 2'
    const { builds, texts } = placesOf(`make: *** [all] Error 2\n${last}\n`)
    expect([builds, texts[0]]).toEqual([1, 'step: make: *** [all] Error 2'])
  })
})

describe('lines before a closing error that speaks of a command', () => {
  const last = 'ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2'

  it('were its output, also without their times', () => {
    expect(placesOf(`make: *** [all] Error 2\n${last}\n`).texts[0]).toBe('step: make: *** [all] Error 2')
  })

  it('were not when the error is about something else', () => {
    const other = 'ERROR: failed to solve: acme/web:1: not found'
    expect(placesOf(`make: *** [all] Error 2\n${other}\n`).texts[0]).toBe('client: make: *** [all] Error 2')
  })
})
