import { expect, test } from 'vitest'
import { linePrefix } from '../../src/build/line-prefix.ts'

const strip = (...lines: string[]) => {
  const prefix = linePrefix()
  return lines.map(prefix.strip)
}

test('what stands before a builder’s line is the log’s own, and comes off every line from there', () => {
  expect(
    strip('[web] $ docker build .', '[web] #1 [internal] load build definition', '[web]  ---> 0a1b', '[web]', 'bare'),
  ).toEqual(['[web] $ docker build .', '#1 [internal] load build definition', ' ---> 0a1b', '', 'bare'])
})

test.each([
  ['Step #0 - "build": #0 building with "default" instance', '#0 building with "default" instance'],
  ['Step #12: Step 1/7 : FROM alpine', 'Step 1/7 : FROM alpine'],
  ['[build:12] [1/2] STEP 1/4: FROM alpine', '[1/2] STEP 1/4: FROM alpine'],
  ['[build:L12:3s] {"vertexes":[]}', '{"vertexes":[]}'],
  ['[12:00:00]W:\t [Step 2/3] #5 [2/2] RUN make', '#5 [2/2] RUN make'],
  ['[2024-05-01T12:00:00.123Z] [+] Building 0.4s (1/2)', '[+] Building 0.4s (1/2)'],
  ['12:00:00   => [2/2] RUN make   0.1s', ' => [2/2] RUN make   0.1s'],
])('%s', (line, bare) => {
  expect(strip(line)).toEqual([bare])
})

test.each([
  ['[1/2] STEP 1/4: FROM alpine'],
  ['[INFO] Building web 1.0'],
  ['12:00:00 INFO started'],
  ['Step 1/7 : FROM alpine'],
  ['[+] Building 0.4s (1/2)'],
  ['Step #3: see #7 DONE'],
])('%s bears none', (line) => {
  expect(strip(line)).toEqual([line])
})
