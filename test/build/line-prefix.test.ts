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

test.each([
  ['> #5 [2/3] RUN make', '> #5 0.3 gone', '#5 0.3 gone'],
  ['> > Step 1/2 : FROM alpine', '> >  ---> 0a1b', ' ---> 0a1b'],
  ['**Step 2/7 : COPY shop.conf /etc**', 'lstat shop.conf: no such file**', 'lstat shop.conf: no such file'],
  ['`Step 1/2 : FROM alpine`', '`npm error code E404`', 'npm error code E404'],
  ['  | Step 3/4 : RUN make', '  | make: *** [all] Error 2', 'make: *** [all] Error 2'],
  ['shop_web   | #5 [2/3] RUN make', 'shop_web   | #5 ERROR: x', '#5 ERROR: x'],
  ['  118 #5 [2/3] RUN make', '  119 #5 0.3 gone', '#5 0.3 gone'],
  ['118: Step 1/2 : FROM alpine', '119:  ---> 0a1b', ' ---> 0a1b'],
  ['L7 Step 1/2 : FROM alpine', 'L8 bare', 'bare'],
  ['118Step 1/2 : FROM alpine', '119npm error', 'npm error'],
  ['[INFO] Step 1/2 : FROM alpine', '[ERROR] exit 3', 'exit 3'],
  [
    '[2024-05-01T12:00:00.123Z] info  kanikoExecute - INFO[0001] RUN make',
    '[2024-05-01T12:00:01.123Z] info  kanikoExecute - gone',
    'gone',
  ],
  ['2024/05/01 12:00:00 Step 1/2 : FROM alpine', '2024/05/01 12:00:01 bare', 'bare'],
])('%s is dressed, and so is what follows', (first, next, bare) => {
  expect(strip(first, next).at(-1)).toBe(bare)
})

test.each([
  ['remote: Step 1/2 : FROM alpine', 'remote:  ---> 0a1b', ' ---> 0a1b'],
  ['[main]     Step 1/2 : FROM alpine', '[main]      ---> 0a1b', ' ---> 0a1b'],
  ['==> web (3): #1 [internal] load build definition', '==> web (12): #2 DONE 0.1s', '#2 DONE 0.1s'],
  ['acme.shop INFO  build 4: Step 1/2 : FROM alpine', 'acme.shop ERROR  build 4: gone', 'gone'],
])('%s: whatever stands before a line that only builders write is learned', (first, next, bare) => {
  expect(strip(first, next).at(-1)).toBe(bare)
})

test.each([
  ['echo "Step 1/2 : FROM alpine"', '+ bare'],
  ['+ echo : Step 1/2 : FROM alpine', '+ echo : x'],
  ['3.214 Step 1/2 : build', '3.215 x'],
  ['> web@1.0.0 build', '> vite build'],
  ['  12 | >>> RUN make', '  13 | x'],
  ['[12] => foo', '[13] => bar'],
])('%s bears no prefix of the log', (first, next) => {
  expect(strip(first, next)).toEqual([first, next])
})

test('a page’s source that was pasted is read as its page', () => {
  expect(strip('The command &#x27;&#x2F;bin&#x2F;sh -c make&#x27; returned a non-zero code: 2')).toEqual([
    "The command '/bin/sh -c make' returned a non-zero code: 2",
  ])
  expect(strip('a &lt;b&gt; c')).toEqual(['a &lt;b&gt; c'])
})

test.each([
  ['>   STEP 6/18: RUN make', '>   Error: gone', 'Error: gone'],
  ['│ INFO[0001] RUN make', '│ error building image: gone', 'error building image: gone'],
  ['INFO[2026-03-04T10:00:00Z] RUN make', 'bare', 'bare'],
])('%s', (first, next, bare) => {
  expect(strip(first, next).at(-1)).toBe(bare)
})
