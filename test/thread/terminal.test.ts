import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { explainer } from '../../src/diagnosis/explain.ts'
import type { Explanation } from '../../src/diagnosis/explanation.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { printExplanation } from '../../src/thread/terminal.ts'
import { explanation } from './examples.ts'

const signs = indexSigns({ runbooks: [], rows: new Map() })

function explain(log: string): Explanation {
  const explaining = explainer(signs)
  explaining.feed(readFileSync(new URL(`../fixtures/lab/${log}`, import.meta.url)))
  return explaining.end({ kind: 'file', name: log })
}

test('a failed build: the cause, how we know, what to do, what was cached', () => {
  expect(printExplanation(explanation)).toMatchInlineSnapshot(`
    "build (linux/amd64): the image build failed

      The runner’s disk is full  [disk-full-builder, 94 % sure]
      The build ran out of disk space while writing \`/app/target/release/deps/libring-1f0c.rmeta\`.
      Step: #14 [builder 4/5] RUN cargo build --release --locked (Dockerfile line 17)

      Evidence
         1812 | #14 [builder 4/5] RUN cargo build --release --locked
         2240 | error: failed to write /app/target/release/deps/libring-1f0c.rmeta: No space left on device (os error 28)
         2251 | ERROR: failed to build: failed to solve: process "/bin/sh -c cargo build --release --locked" did not complete successfully: exit code: 101

      What to do
      1. Free space before the build: remove the preinstalled toolchains you do not use, or take a larger runner.
      2. Keep \`target/\` out of the image layers with a cache mount.
      A re-run does not help: the next runner has the same disk and the build the same size
      A rebuild without cache makes it worse: without cache the build needs more space, not less
      Pruning helps: only on a self-hosted builder, whose build cache has grown
      Runbook: runbooks/docker-layer-caching.md#no-space-left

      Build (buildkit): 1 cached, 3 ran, hit rate 0 %
        cached           [planner 1/3] FROM docker.io/library/rust:1.89
        ran       3.2 s  [builder 2/5] COPY --from=cacher /app/target target
        ran       0.4 s  [builder 3/5] COPY . .
      ✗ FAILED  211.7 s  [builder 4/5] RUN cargo build --release --locked
      Cache import gha scope=service: ok
      Cache export gha scope=service: failed: not started: the build failed
    "
  `)
})

test('a green build: what was cached, what ran', () => {
  expect(printExplanation(explain('gha-source-change.log'))).toMatchInlineSnapshot(`
    "gha-source-change.log: the image build succeeded, though not all of it came from the cache

      Build (buildkit): 6 cached, 3 ran, hit rate 63 %
        base    0.0 s  [deps 1/4] FROM docker.io/library/node:22-bookworm-slim@sha256:257b948…
        cached         [deps 2/4] WORKDIR /app
        cached         [deps 3/4] COPY package.json yarn.lock ./
        cached         [deps 4/4] RUN yarn install --frozen-lockfile --non-interactive
        cached         [builder 3/5] COPY --from=deps /app/node_modules ./node_modules
      → ran     0.3 s  [builder 4/5] COPY . .
        ran     1.2 s  [builder 5/5] RUN yarn build
        base    0.0 s  [runner 1/4] FROM docker.io/library/nginx:1.29@sha256:fa1de87…
        cached         [runner 2/4] COPY nginx.conf /etc/nginx/conf.d/default.conf
        cached         [runner 3/4] RUN nginx -t
      → ran     0.0 s  [runner 4/4] COPY --from=builder /app/dist /usr/share/nginx/html
      Cache import gha gha:16538919169952547399: ok
      Cache export gha: ok

      First misses (→): lost 1.5 s of 1.5 s
      1. builder: not known yet; compare it with the build before [unknown]
         [builder 4/5] COPY . .
         to decide it needs the log of the build before, both Dockerfiles, the files that changed, the build arguments of
         both builds
         Cost 1.5 s
      2. runner: the stage that this step takes from was built anew [upstream-stage-changed]
         [runner 4/4] COPY --from=builder /app/dist /usr/share/nginx/html
         stage builder was built anew from [builder 4/5] COPY . . on, and this step copies from it
         Cost under 0.1 s, certainty low

      These options tell why: --previous, --dockerfile, --previous-dockerfile, --changed-files, --context
    "
  `)
})

test('a job that failed elsewhere is not called an image build', () => {
  const print = (over: Partial<Explanation>) => printExplanation({ ...explanation, builds: [], ...over }).split('\n')[0]
  expect(print({ docker: false })).toBe('build (linux/amd64): the job failed')
  expect(print({ docker: false, diagnosis: null, outcome: 'succeeded' })).toBe('build (linux/amd64): the job succeeded')
  expect(print({ docker: false, diagnosis: null, outcome: 'unknown' })).toBe(
    'build (linux/amd64): the job ended without a result in this log',
  )
})

test('what could not be read is said', () => {
  const text = printExplanation({
    ...explanation,
    source: { ...explanation.source, truncated: true },
    missing: ['job b: it expired or was deleted (410)'],
  })
  expect(text).toContain('the image build failed (not all of it could be read)')
  expect(text).toContain('Could not read: job b: it expired or was deleted (410)')
})

test('what there is nothing of has no heading', () => {
  const { diagnosis } = explanation
  if (!diagnosis) throw new Error('the example has a diagnosis')
  const bare = { ...diagnosis, evidence: [], fix: [], remedies: [], runbook: null, step: null }
  expect(printExplanation({ ...explanation, diagnosis: bare, builds: [] })).toBe(
    `build (linux/amd64): the image build failed\n\n  ${diagnosis.title}  [disk-full-builder, 94 % sure]\n  ${diagnosis.summary}\n`,
  )
})

test('an unknown failure does not boast', () => {
  const { diagnosis } = explanation
  if (!diagnosis) throw new Error('the example has a diagnosis')
  const text = printExplanation({ ...explanation, diagnosis: { ...diagnosis, id: 'unknown-failure', confidence: 0 } })
  expect(text).toContain('[unknown-failure, no rule matched]')
  expect(text).not.toContain('% sure')
})

test('a step of any length takes one line', () => {
  const [build] = explanation.builds
  const [step] = build?.steps ?? []
  if (!build || !step) throw new Error('the example has a step')
  const name = `[2/2] RUN <<EOF\n${'apt-get install\n'.repeat(200)}`
  const wide = { ...step, name: `[2/2] RUN ${'x'.repeat(5000)}` }
  const text = printExplanation({ ...explanation, builds: [{ ...build, steps: [{ ...step, name }, wide] }] })
  expect(text).not.toContain('apt-get')
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(300)
})
