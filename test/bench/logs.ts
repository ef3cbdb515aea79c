import { closeSync, openSync, writeSync } from 'node:fs'

/**
 * Build logs of any size for the benchmark: what package managers, compilers and test runners print, around the words of
 * the builder. The same seed gives the same bytes.
 */
export type LogKind = 'buildkit' | 'classic' | 'builds' | 'colours' | 'one-line'

/** Writes at least `megabytes` (10^6 bytes) of log. */
export function writeLog(path: string, kind: LogKind, megabytes: number, seed = 1): void {
  const file = openSync(path, 'w')
  const size = megabytes * 1e6
  let written = 0
  let pending: string[] = []
  let length = 0
  const say = (line: string) => {
    pending.push(line)
    length += line.length + 1
    if (length > 1 << 20) flush()
  }
  function flush(): void {
    if (pending.length > 0) written += writeSync(file, `${pending.join('\n')}\n`)
    pending = []
    length = 0
  }
  writers[kind]({ say, isFull: () => written + length >= size, random: random(seed), size })
  flush()
  closeSync(file)
}

type Writer = (to: { say(line: string): void; isFull(): boolean; random: Random; size: number }) => void

const writers: Record<LogKind, Writer> = {
  /** one GitHub job: a docker build whose RUN talks for very long and then fails */
  buildkit({ say, isFull, random }) {
    const clock = clockFrom(random)
    const tell = (text: string) => say(`${clock()} ${text}`)
    for (const line of jobOpening) tell(line)
    for (const line of buildOpening) tell(line)
    tell('#9 [build 4/5] RUN make all')
    for (let at = 0; !isFull(); at++) tell(`#9 ${(at / 1000).toFixed(3)} ${outputLine(random)}`)
    for (const line of buildEnd(9, 'make all')) tell(line)
    for (const line of jobEnd) tell(line)
  },
  /** the classic builder, which never clips a step's output, without a runner around it */
  classic({ say, isFull, random }) {
    say('Sending build context to Docker daemon  14.85kB')
    say('Step 1/3 : FROM debian:bookworm-slim')
    say(' ---> 4f9c1c2a8a31')
    say('Step 2/3 : RUN make all')
    say(' ---> Running in 6d0e3f1c2b4a')
    while (!isFull()) say(outputLine(random))
    say('Removing intermediate container 6d0e3f1c2b4a')
    say(' ---> 0b1a2c3d4e5f')
    say('Step 3/3 : RUN make check')
    say(' ---> Running in 7e1f4a2d3c5b')
    say("error TS2304: Cannot find name 'procss'.")
    say("The command '/bin/sh -c make check' returned a non-zero code: 2")
  },
  /** one job after the other, each of a few dozen lines */
  builds({ say, isFull, random }) {
    const clock = clockFrom(random)
    const tell = (text: string) => say(`${clock()} ${text}`)
    for (const line of jobOpening) tell(line)
    while (!isFull()) {
      for (const line of buildOpening) tell(line)
      tell('#9 [build 4/5] RUN make all')
      for (let at = 0; at < 100; at++) tell(`#9 ${(at / 1000).toFixed(3)} ${outputLine(random)}`)
      for (const line of buildEnd(9, 'make all')) tell(line)
    }
    for (const line of jobEnd) tell(line)
  },
  /** every line coloured, as by a test runner that believes in a terminal */
  colours({ say, isFull, random }) {
    for (const line of buildOpening) say(line)
    say('#9 [build 4/5] RUN make all')
    const colour = (code: number) => `\u001b[${code}m`
    for (let at = 0; !isFull(); at++) {
      say(`#9 ${(at / 1000).toFixed(3)} ${colour(30 + random(8))}${outputLine(random)}${colour(0)}`)
    }
    for (const line of buildEnd(9, 'make all')) say(line)
  },
  /** what a minifier or a base64 of something prints */
  'one-line'({ say, random, size }) {
    for (const line of buildOpening) say(line)
    say('#9 [build 4/5] RUN make all')
    const piece = Array.from({ length: 1000 }, () => outputLine(random)).join(';')
    say(`#9 0.001 ${piece.repeat(Math.ceil(size / piece.length))}`)
    for (const line of buildEnd(9, 'make all')) say(line)
  },
}

const jobOpening = [
  'Current runner version: 2.323.0',
  '##[group]Runner Image',
  'Image: ubuntu-24.04',
  '##[endgroup]',
  '##[group]Run docker build .',
  'docker build .',
  'shell: /usr/bin/bash -e {0}',
  '##[endgroup]',
]

const buildOpening = [
  '#0 building with "default" instance using docker driver',
  '',
  '#1 [internal] load build definition from Dockerfile',
  '#1 transferring dockerfile: 412B done',
  '#1 DONE 0.0s',
  '#2 [internal] load metadata for docker.io/library/node:22',
  '#2 DONE 0.6s',
  '#3 [internal] load .dockerignore',
  '#3 DONE 0.0s',
  '#4 [internal] load build context',
  '#4 transferring context: 61.52kB done',
  '#4 DONE 0.1s',
  '#5 [build 1/5] FROM docker.io/library/node:22',
  '#5 CACHED',
  '#6 [build 2/5] WORKDIR /app',
  '#6 CACHED',
  '#7 [build 3/5] COPY . .',
  '#7 DONE 0.1s',
]

function buildEnd(vertex: number, command: string): string[] {
  const failure = `process "/bin/sh -c ${command}" did not complete successfully: exit code: 2`
  return [
    `#${vertex} 812.3 src/app.ts(12,3): error TS2304: Cannot find name 'procss'.`,
    `#${vertex} ERROR: ${failure}`,
    '------',
    ` > [build 4/5] RUN ${command}:`,
    "812.3 src/app.ts(12,3): error TS2304: Cannot find name 'procss'.",
    '------',
    'Dockerfile:4',
    '--------------------',
    `   4 | >>> RUN ${command}`,
    '--------------------',
    `ERROR: failed to solve: ${failure}`,
  ]
}

const jobEnd = ['##[error]Process completed with exit code 1.', 'Post job cleanup.', 'Cleaning up orphan processes']

type Random = (below: number) => number

/** The usual small generator (mulberry32). */
function random(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The runner's timestamps, seven decimals. */
function clockFrom(random: Random): () => string {
  let milliseconds = Date.UTC(2026, 2, 4, 10)
  let shown = ''
  let second = -1
  return () => {
    milliseconds += random(3)
    if (Math.floor(milliseconds / 1000) !== second) {
      second = Math.floor(milliseconds / 1000)
      shown = new Date(second * 1000).toISOString().slice(0, 19)
    }
    return `${shown}.${String(milliseconds % 1000).padStart(3, '0')}${String(random(10_000)).padStart(4, '0')}Z`
  }
}

const nouns = 'core util parser server stream cache router schema codec buffer worker client plugin react lodash'.split(
  ' ',
)

/** A line as tools print it; one in some hundred has a word that could be a failure's. */
function outputLine(random: Random): string {
  const noun = () => nouns[random(nouns.length)] ?? ''
  const version = () => `${random(20)}.${random(40)}.${random(10)}`
  if (random(150) === 0) return sounding[random(sounding.length)] ?? ''
  switch (random(12)) {
    case 0:
      return `npm http fetch GET 200 https://registry.npmjs.org/@acme/${noun()}-${noun()}/-/${noun()}-${version()}.tgz ${random(900)}ms (cache miss)`
    case 1:
      return `Get:${random(400)} http://deb.debian.org/debian bookworm/main amd64 lib${noun()}${random(9)} amd64 ${version()}-${random(9)} [${random(900)} kB]`
    case 2:
      return `Selecting previously unselected package lib${noun()}-${noun()}-dev:amd64.`
    case 3:
      return `Unpacking lib${noun()}${random(9)}:amd64 (${version()}-1+deb12u${random(9)}) ...`
    case 4:
      return `   Compiling ${noun()}-${noun()} v${version()}`
    case 5:
      return `[ ${random(90) + 10}%] Building CXX object src/${noun()}/CMakeFiles/${noun()}.dir/${noun()}_${noun()}.cc.o`
    case 6:
      return `PASS src/${noun()}/${noun()}.test.ts (${random(90)}.${random(9)} s)`
    case 7:
      return `  ✓ ${noun()} keeps the ${noun()} of a ${noun()} when it is closed twice (${random(90)} ms)`
    case 8:
      return `gcc -O2 -Wall -Iinclude -I/usr/include/${noun()} -DHAVE_${noun().toUpperCase()}=1 -c -o build/${noun()}.o src/${noun()}.c`
    case 9:
      return `Collecting ${noun()}-${noun()}>=${version()} (from -r requirements.txt (line ${random(90)}))`
    case 10:
      return `[${String(random(1e8)).padStart(8, '0')}] GET /packages/module-${random(977)}/-/module-${random(977)}-1.${random(31)}.0.tgz 200 in ${random(450)} ms, cache miss, retry 0 of 5, ok`
    default:
      return `dist/assets/${noun()}-${random(1e9).toString(36)}.js   ${random(900)}.${random(99)} kB │ gzip: ${random(90)}.${random(99)} kB`
  }
}

const sounding = [
  'warning: unused variable: `error` [-Wunused-variable]',
  'npm warn deprecated inflight@1.0.6: This module is not supported',
  '0 errors and 12 warnings potentially fixable with the `--fix` option.',
  'Tests: 212 passed, 0 failed',
  'checking for error_at_line... yes',
]
