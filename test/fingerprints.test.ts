import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { explainer } from '../src/diagnosis/explain.ts'
import { fingerprintOf } from '../src/diagnosis/fingerprint.ts'
import { indexSigns } from '../src/diagnosis/match.ts'
import { loadRunbooks } from '../src/diagnosis/runbooks.ts'

/** Fingerprints of real logs: which failures are one and the same, and which are not. */
const folder = new URL('fixtures/lab/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
const names = readdirSync(folder).filter((name) => name.endsWith('.log') && !name.includes('.prev.'))
const signs = indexSigns(await loadRunbooks([fileURLToPath(new URL('../runbooks', import.meta.url))]))

function explained(log: string) {
  const explaining = explainer(signs, { novelty: { green: null } })
  explaining.feed(new TextEncoder().encode(log))
  const { outcome, diagnosis } = explaining.end({ kind: 'file', name: 'log' })
  return { outcome, print: fingerprintOf(diagnosis, explaining.captures()), id: diagnosis?.id }
}

const failed = names.flatMap((name) => {
  const { outcome, print, id } = explained(read(name))
  return outcome === 'failed' ? [{ name, print, id }] : []
})
const printOf = (name: string) => failed.find((one) => one.name === name)?.print

test('enough of the lab’s builds failed', () => {
  expect(failed.length).toBeGreaterThan(90)
})

describe('the same failure', () => {
  // before any step, the step of the job is all the place there is; the runner says of its disk what a builder cannot
  const jobsOwn = ['context-missing', 'no-space-pull', 'no-space-run']
  const dressed = failed.filter(({ name }) => name.endsWith('.gha.log'))
  test.each(dressed.map(({ name }) => name.replace('.gha.log', '')).filter((name) => !jobsOwn.includes(name)))(
    '%s has one fingerprint in a job and at a terminal',
    (name) => {
      expect(printOf(`${name}.gha.log`)).toBe(printOf(`${name}.log`))
    },
  )

  test.each([
    ['bk32-run-tsc-error.log', 'run-tsc-error.log'],
    ['bk32-gha-503.log', 'gha-503.log'],
    ['bk32-push-denied.log', 'push-denied.log'],
    ['bk32-reg-export-denied.log', 'reg-export-denied.log'],
    ['rawjson-run-tsc-error.log', 'run-tsc-error.log'],
    ['tty-run-tsc-error.log', 'run-tsc-error.log'],
  ])('%s has that of %s: another version, another way to print', (one, other) => {
    expect(printOf(one)).toBe(printOf(other))
  })

  // a few are three lines long, and nothing in them varies
  const varied = failed.filter(({ name }) => elsewhere(read(name)) !== read(name))
  test.each(varied)('$name has it on another day, runner and commit, in a longer Dockerfile', ({ name, print }) => {
    expect(explained(elsewhere(read(name))).print).toBe(print)
  })
})

describe('another failure has another fingerprint', () => {
  /** Logs that tell of the same, or of which the log does not say in what they differ. */
  const alike = [
    ['run-tsc-error', 'bk32-run-tsc-error', 'rawjson-run-tsc-error', 'tty-run-tsc-error'],
    ['push-denied', 'bk32-push-denied'],
    ['reg-export-denied', 'bk32-reg-export-denied'],
    // the cache's service failed, the registry failed: how is not what tells two failures apart
    ['gha-503', 'bk32-gha-503', 'gha-wrong-url'],
    ['reg-export-500', 'reg-export-refused'],
    ['reg-import-hang-cancelled', 'run-hang-cancelled'],
    // one row for a script that cannot be run, whether it is missing or may not be
    ['run-crlf-script', 'run-permission-denied'],
  ]

  test('unless it is the same', () => {
    const groups = [...Map.groupBy(failed, ({ print }) => print).values()]
      .map((group) => [...new Set(group.map(({ name }) => name.replace(/(?:\.gha)?\.log$/, '')))])
      .filter((group) => group.length > 1)
    const mistaken = groups.filter((group) => !alike.some((known) => group.every((name) => known.includes(name))))
    expect(mistaken).toEqual([])
  })

  test.each([
    ['another package of apt', 'run-apt-package-missing', 'libssl1.1', 'libfoo1.1'],
    ['another package of yarn', 'yarn-integrity', 'clsx', 'preact'],
    ['another crate', 'cargo-missing-crate', 'sqlx', 'tokio'],
    ['another file to copy', 'copy-missing-file', 'pnpm-lock.yaml', 'bun.lock'],
    ['another file missing in a step', 'run-multiline-fail', '/srv/missing', '/srv/absent'],
    ['another image', 'base-tag-not-found', 'library/node', 'library/ruby'],
    ['another host', 'run-network-dns', 'npm.acme-internal', 'pypi.acme-internal'],
    ['another command', 'run-command-not-found', 'pnpm', 'bun'],
    ['another user', 'user-unknown', 'deploy', 'www'],
    ['another stage', 'run-rustc-error', '[builder ', '[tests '],
    ['another step', 'run-tsc-error', 'yarn build', 'yarn bundle'],
    ['another file that does not compile', 'run-tsc-error', 'src/', 'lib/'],
    ['another test', 'run-test-failed', 'test', 'check'],
  ])('for %s', (_, name, from, to) => {
    const changed = explained(read(`${name}.log`).replaceAll(from, to))
    expect(changed.outcome).toBe('failed')
    expect(changed.print).not.toBe(printOf(`${name}.log`))
  })
})

/** The log of the same failure at another time and place. Lengths stay where tools align or parse by them. */
function elsewhere(log: string): string {
  const hex = (text: string) =>
    text.replace(/[0-9a-f]/g, (digit) => ((Number.parseInt(digit, 16) + 7) % 16).toString(16))
  return log
    .replace(/sha256:[0-9a-f]{64}/g, (digest) => `sha256:${hex(digest.slice(7))}`)
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{40}\b/g, hex)
    .replace(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (_, fraction = '') => `2031-07-08T09:10:11${fraction}Z`)
    .replace(/^((?:\S+Z )?#)([1-9]\d*)\b/gm, (_, before, vertex) => `${before}${Number(vertex) + 4}`)
    .replace(/(#\d+ )(\d+)\.(\d{1,3}) /g, (_, before, seconds, rest) => `${before}${Number(seconds) + 3}.${rest} `)
    .replace(/(DONE |done )\d+\.\d+s/g, '$17.7s')
    .replace(
      /(\[(?:[\w./-]+ )*)(\d+)\/(\d+)\]/g,
      (_, before, at, of) => `${before}${Number(at) + 1}/${Number(of) + 1}]`,
    )
    .replace(/(127\.0\.0\.1:)[3-9]\d{4}\b/g, '$153211')
    .replace(/\/tmp\/[\w.-]+/g, '/tmp/other-place')
    .replace(/\/home\/runner\/work\/[\w-]+\/[\w-]+/g, '/home/runner/work/fork/fork')
    .replace(/GitHub Actions \d+/g, 'GitHub Actions 1000000097')
}
