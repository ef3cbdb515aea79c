import { describe, expect, test } from 'vitest'
import { explainText } from '../../src/diagnosis/explain.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'

/** Root before surface, by the pages as they are: logs in which several things went wrong. */
const catalogue = await loadRunbooks([ownRunbooks])

function ranked(...lines: string[]): string[] {
  const { diagnosis, others } = explainText(lines.join('\n'), catalogue)
  return [diagnosis, ...others].flatMap((cause) => (cause ? `${cause.id} ${cause.severity}` : []))
}

const closing = (command: string, code: number) => {
  const error = `process "/bin/sh -c ${command}" did not complete successfully: exit code: ${code}`
  return [`#6 ERROR: ${error}`, '------', `ERROR: failed to build: failed to solve: ${error}`]
}
const failedImport = [
  '#3 importing cache manifest from ghcr.io/acme/web:cache',
  '#3 ERROR: failed to configure registry cache importer: failed to do request: Head "https://ghcr.io/v2/acme/web/manifests/cache": dial tcp 192.0.2.7:443: i/o timeout',
  '',
]
const throttledExport = [
  '#15 exporting to GitHub Actions Cache',
  '#15 preparing build cache for export 600.0s done',
  '#15 ERROR: maximum timeout reached',
  '',
]
const stamp = (line: string) => `2026-04-06T08:28:41.0000000Z ${line}`

describe('what ended the build comes first', () => {
  test('a compile error, with a failed import and a throttled download beside it', () => {
    const lines = [
      ...failedImport,
      '#6 [builder 5/5] RUN cargo build --release',
      '#6 12.0 warning: spurious network error (3 tries remaining): 429 Too Many Requests',
      '#6 31.2 error[E0308]: mismatched types',
      '#6 31.9 error: could not compile `web` (bin "web") due to 1 previous error',
      ...closing('cargo build --release', 101),
    ]
    expect(ranked(...lines)).toEqual(['run-app-compile-error fatal', 'cache-import-unavailable slow'])
  })

  test('a refused push, with an export of the cache that was allowed to fail', () => {
    const denied = 'failed to push ghcr.io/acme/web:1: denied: permission_denied: write_package'
    const lines = [
      '#12 [2/2] RUN make',
      '#12 DONE 17.9s',
      '',
      ...throttledExport,
      '#16 exporting to image',
      `#16 ERROR: ${denied}`,
      '------',
      `ERROR: failed to build: failed to solve: ${denied}`,
    ]
    expect(ranked(...lines)).toEqual(['push-ghcr-denied fatal', 'gha-cache-rate-limited slow'])
  })

  test('of a build that is green although its export failed, only what it costs is said', () => {
    expect(ranked('#12 exporting to image', '#12 DONE 17.9s', '', ...throttledExport)).toEqual([
      'gha-cache-rate-limited slow',
    ])
  })
})

describe('the more basic error in the same step', () => {
  test('the network below apt and its exit code 100', () => {
    const lines = [
      '#6 [2/4] RUN apt-get update && apt-get install -y curl',
      "#6 5.2   Temporary failure resolving 'deb.debian.org'",
      '#6 5.4 E: Unable to locate package curl',
      ...closing('apt-get update && apt-get install -y curl', 100),
    ]
    expect(ranked(...lines)).toEqual(['run-network-failed fatal', 'run-apt-failed fatal'])
  })

  test('the disk below the builder that went away', () => {
    const lines = [
      '#6 [build 4/6] RUN make',
      '#6 210.0 write error: No space left on device',
      '#6 ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
      'ERROR: failed to build: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
    ]
    expect(ranked(...lines)).toEqual(['disk-full-builder fatal', 'builder-connection-lost fatal'])
  })

  test('what a package manager tried again with success is no cause', () => {
    const lines = [
      '#6 [build 5/5] RUN npm ci && npm run build',
      '#6 2.0 npm warn attempt 1 failed: ECONNRESET network socket disconnected',
      '#6 9.0 added 812 packages in 7s',
      "#6 12.0 src/app.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.",
      ...closing('npm ci && npm run build', 2),
    ]
    expect(ranked(...lines)).toEqual(['run-app-compile-error fatal'])
  })
})

describe('exit code 137', () => {
  const killed = ['#6 [build 4/6] RUN npm run build', '#6 91.2 building', ...closing('npm run build', 137)]

  test('is memory', () => {
    expect(ranked(...killed)).toEqual(['run-oom-killed fatal'])
  })

  test('or the end of a job that somebody cancelled', () => {
    const job = ['##[group]Run docker build .', '##[endgroup]', ...killed, '##[error]The operation was canceled.']
    expect(ranked(...job.map(stamp))[0]).toBe('job-cancelled-or-timeout fatal')
  })
})

test('a first attempt that failed is not why the second did', () => {
  const timeout =
    'failed to do request: Head "https://registry-1.docker.io/v2/library/node/manifests/22": net/http: TLS handshake timeout'
  const opening = ['#1 [internal] load build definition from Dockerfile', '#1 DONE 0.0s']
  const lines = [
    '##[group]Run nick-fields/retry@v3',
    '##[endgroup]',
    ...opening,
    '#2 [internal] load metadata for docker.io/library/node:22',
    `#2 ERROR: ${timeout}`,
    '------',
    `ERROR: failed to build: failed to solve: node:22: ${timeout}`,
    '##[warning]Attempt 1 failed. Reason: Child_process exited with error code 1',
    ...opening,
    '#6 [2/2] RUN npm test',
    '#6 2.0 npm error Missing script: "test"',
    ...closing('npm test', 1),
    '##[error]Final attempt failed. Child_process exited with error code 1',
  ]
  expect(ranked(...lines.map(stamp))).toEqual(['run-script-missing fatal'])
})

test('one thing has one name: the lesser row that reads the same line is not told beside it', () => {
  const error = 'failed to push ghcr.io/acme/web:1: denied: permission_denied: write_package'
  const lines = ['#6 exporting to image', `#6 ERROR: ${error}`, '------', `ERROR: failed to solve: ${error}`]
  expect(ranked(...lines)).toEqual(['push-ghcr-denied fatal'])
})

describe('a quoted step without its place in the stage', () => {
  test.each([' > RUN npm ci:', ' > [build] RUN npm ci:', '> [build] RUN npm ci:'])('%s', (name) => {
    const lines = [
      ...(name.startsWith(' ') ? ['------'] : []),
      name,
      '0.412 npm error code ERESOLVE',
      '------',
      ...closing('npm ci', 1).slice(2),
    ]
    expect(ranked(...lines)).toEqual(['run-dependency-version-conflict fatal'])
  })
})

test('an empty quotation says which part of the build the closing error is about', () => {
  const error =
    'error writing layer blob: unexpected status from POST request to https://ghcr.io/v2/acme/web/blobs/uploads/: 403 Forbidden'
  const lines = [
    '------',
    ' > exporting cache to registry:',
    '------',
    `ERROR: failed to build: failed to solve: ${error}`,
  ]
  expect(ranked(...lines)).toEqual(['cache-export-denied fatal'])
})

test('a job cut down to its cancellation was cancelled', () => {
  expect(ranked('Error: The operation was canceled.')).toEqual(['job-cancelled-or-timeout fatal'])
})

describe('the words of whoever ran the build', () => {
  test.each([
    'ERROR: Command failed: docker build -t acme/web .',
    'ERROR: Job failed: exit code 1',
    'Finished: FAILURE',
  ])('%s', (words) => {
    const { outcome, diagnosis } = explainText(
      `#8 [4/6] RUN npm ci\n#8 1.2 npm error code ERESOLVE\n${words}`,
      catalogue,
    )
    expect([outcome, diagnosis?.id]).toEqual(['failed', 'run-dependency-version-conflict'])
  })

  test('say nothing in the middle of a log', () => {
    const lines = ['#8 [4/6] RUN ./ci.sh', '#8 1.2 ERROR: Command failed: x', '#8 1.3 again', '#8 1.4 and', '#8 1.5 on']
    expect(explainText(lines.join('\n'), catalogue).outcome).toBe('unknown')
  })
})
