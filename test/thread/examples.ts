import type { Alert } from '../../src/alert/alert.ts'
import type { Cause, Explanation } from '../../src/diagnosis/explanation.ts'
import type { RunDiagnosis } from '../../src/diagnosis/run-diagnosis.ts'
import { openStory, type Story } from '../../src/thread/story.ts'

/** A disk that ran full, as a real run shows it. */
export const diskFull: Cause = {
  id: 'disk-full-builder',
  family: 'disk',
  title: 'The runner’s disk is full',
  summary: 'The build ran out of disk space while writing `/app/target/release/deps/libring-1f0c.rmeta`.',
  confidence: 0.94,
  severity: 'fatal',
  transient: 'maybe',
  step: {
    vertex: '#14',
    name: '[builder 4/5] RUN cargo build --release --locked',
    stage: 'builder',
    dockerfileLine: 17,
  },
  evidence: [
    { line: 1812, text: '#14 [builder 4/5] RUN cargo build --release --locked' },
    {
      line: 2240,
      text: 'error: failed to write /app/target/release/deps/libring-1f0c.rmeta: No space left on device (os error 28)',
    },
    {
      line: 2251,
      text: 'ERROR: failed to build: failed to solve: process "/bin/sh -c cargo build --release --locked" did not complete successfully: exit code: 101',
    },
  ],
  fix: [
    'Free space before the build: remove the preinstalled toolchains you do not use, or take a larger runner.',
    'Keep `target/` out of the image layers with a cache mount.',
  ],
  remedies: [
    { kind: 'rerun', verdict: 'useless', why: 'the next runner has the same disk and the build the same size' },
    { kind: 'rebuild', verdict: 'harmful', why: 'without cache the build needs more space, not less' },
    { kind: 'prune', verdict: 'helps', why: 'only on a self-hosted builder, whose build cache has grown' },
  ],
  runbook: { file: 'runbooks/docker-layer-caching.md', anchor: 'no-space-left' },
}

export const explanation: Explanation = {
  version: 1,
  source: { kind: 'github', name: 'build (linux/amd64)', bytes: 410_233, lines: 2260, truncated: false },
  outcome: 'failed',
  docker: true,
  diagnosis: diskFull,
  others: [],
  builds: [
    {
      builder: 'buildkit',
      from: 'log',
      target: null,
      steps: [
        {
          vertex: '#8',
          name: '[planner 1/3] FROM docker.io/library/rust:1.89',
          stage: 'planner',
          platform: null,
          status: 'cached',
          seconds: null,
        },
        {
          vertex: '#11',
          name: '[builder 2/5] COPY --from=cacher /app/target target',
          stage: 'builder',
          platform: null,
          status: 'executed',
          seconds: 3.2,
        },
        {
          vertex: '#12',
          name: '[builder 3/5] COPY . .',
          stage: 'builder',
          platform: null,
          status: 'executed',
          seconds: 0.4,
        },
        {
          vertex: '#14',
          name: '[builder 4/5] RUN cargo build --release --locked',
          stage: 'builder',
          platform: null,
          status: 'failed',
          seconds: 211.7,
        },
      ],
      cached: 1,
      executed: 3,
      hitRate: 0,
      imports: [{ type: 'gha', ref: 'scope=service', ok: true, error: null }],
      exports: [{ type: 'gha', ref: 'scope=service', ok: false, error: 'not started: the build failed' }],
      firstMisses: [],
      fixes: [],
    },
  ],
  missing: [],
}

export function runDiagnosis(cause: Cause | null = diskFull, over: Partial<RunDiagnosis> = {}): RunDiagnosis {
  const job = (id: number, name: string) => ({
    id,
    name,
    url: `https://github.com/acme/web/actions/runs/901/job/${id}`,
    conclusion: 'failure',
  })
  return {
    jobs: [
      { ...job(1, 'build (linux/amd64)'), explanation: { ...explanation, diagnosis: cause } },
      { ...job(2, 'build (linux/arm64)'), explanation: { ...explanation, diagnosis: cause } },
    ],
    groups: [{ fingerprint: 'disk-full-builder/builder', jobs: [0, 1] }],
    lead: 0,
    leadBecause: 'only-cause',
    fingerprint: 'disk-full-builder/builder',
    missing: [],
    ...over,
  }
}

export function alert(over: Partial<Alert> = {}): Alert {
  return {
    repository: 'acme/web',
    runId: 901,
    attempt: 1,
    workflow: 'CI',
    branch: 'main',
    sha: '4f2c9d1e0b7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d',
    conclusion: 'failure',
    url: 'https://github.com/acme/web/actions/runs/901',
    runFinished: true,
    heardFrom: 'webhook',
    ...over,
  }
}

export const start = new Date('2026-11-22T01:58:00Z')

export function later(minutes: number): Date {
  return new Date(start.getTime() + minutes * 60_000)
}

export function story(diagnosis = runDiagnosis()): Story {
  return openStory({ id: 's1', channel: 'C1' }, alert(), diagnosis, start)
}
