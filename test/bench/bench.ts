import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { type LogKind, writeLog } from './logs.ts'

/**
 * `npm run bench`: how fast `layerwise debug` reads large logs, and in how much memory, beside `rg` looking for the same
 * signs and `grep` for two words in the same file. Every number is of a whole process. It prints; it never fails by time.
 * `npm run bench -- --quick` makes the logs a tenth as large, `--times N` runs each N times and shows the fastest.
 */
const quick = process.argv.includes('--quick')
const times = Number(process.argv[process.argv.indexOf('--times') + 1]) || 3

type Case = { name: string; kind: LogKind; megabytes: number }
const cases: Case[] = [
  { name: 'BuildKit in a GitHub job', kind: 'buildkit', megabytes: 200 },
  { name: 'the same, 1 GB', kind: 'buildkit', megabytes: 1000 },
  { name: 'classic builder', kind: 'classic', megabytes: 200 },
  { name: 'many small builds', kind: 'builds', megabytes: 200 },
  { name: 'every line coloured', kind: 'colours', megabytes: 200 },
  { name: 'a single line', kind: 'one-line', megabytes: 100 },
  { name: 'a small log, start included', kind: 'buildkit', megabytes: 5 },
]

/** Longer than anything here takes on a slow machine. */
const timeout = 300_000
const layerwise = fileURLToPath(new URL('../../src/layerwise.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'layerwise-bench-'))

type Run = { seconds: number; megabytes: number | null; missing?: string }

/** The fastest of some runs of a command, and the most memory that it held. `check` throws when it did not do its work. */
function measure(command: string, args: string[], check: (status: number, output: string) => void): Run {
  let best: Run = { seconds: Infinity, megabytes: null }
  for (let time = 0; time < times; time++) {
    const run = measureOnce(command, args, check)
    if (run.missing) return run
    const megabytes = Math.max(run.megabytes ?? 0, best.megabytes ?? 0) || null
    best = { seconds: Math.min(run.seconds, best.seconds), megabytes }
  }
  return best
}

function measureOnce(command: string, args: string[], check: (status: number, output: string) => void): Run {
  const memory = join(folder, 'memory')
  const output = join(folder, 'output')
  const timed = hasTime
    ? { command: '/usr/bin/time', args: ['-f', '%M', '-o', memory, command, ...args] }
    : { command, args }
  const stdout = openSync(output, 'w')
  const start = performance.now()
  const { error, status, signal } = spawnSync(timed.command, timed.args, {
    stdio: ['ignore', stdout, 'inherit'],
    timeout,
  })
  const seconds = (performance.now() - start) / 1000
  closeSync(stdout)
  const absent = (error && 'code' in error && error.code === 'ENOENT') || status === 127
  if (absent) return { seconds, megabytes: null, missing: `${command} is not installed` }
  if (signal || status === null) throw new Error(`${command} ended with ${signal ?? error?.message}`)
  check(status, output)
  return { seconds, megabytes: hasTime ? Number(firstLine(memory)) / 1000 : null }
}

/** A crash is quick too: what counts is a log that was read to its end and explained. */
function explained(size: number): (status: number, output: string) => void {
  return (status, output) => {
    const text = status === 0 ? readFileSync(output, 'utf8') : '{}'
    const { source, diagnosis } = JSON.parse(text) as { source?: { bytes: number }; diagnosis?: { id: string } | null }
    if (status !== 0 || source?.bytes !== size || !diagnosis)
      throw new Error(`layerwise did not explain the log: status ${status}, ${text.slice(0, 300)}`)
  }
}

/** grep and rg say 1 when they found nothing. */
function searched(status: number): void {
  if (status > 1) throw new Error(`the search ended with status ${status}`)
}

function firstLine(path: string): string {
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(100)
  const size = readSync(file, buffer)
  closeSync(file)
  return buffer.toString('utf8', 0, size).trim().split('\n').at(-1) ?? ''
}

const hasTime = spawnSync('/usr/bin/time', ['-f', '%M', 'true']).status === 0

async function writeSigns(): Promise<string> {
  const { rows } = await loadRunbooks([ownRunbooks])
  const signs = [...rows.values()].flatMap((row) => [
    ...row.signs,
    ...[...row.all, ...row.unless].map(({ sign }) => sign),
  ])
  const literals = signs.flatMap((sign) => {
    if (sign.kind === 'literal') return sign.text
    return sign.kind === 'pattern' ? (sign.literals ?? []) : []
  })
  const path = join(folder, 'signs.txt')
  // an empty line would be found everywhere
  writeFileSync(path, `${[...new Set(literals)].filter((text) => text !== '').join('\n')}\n`)
  process.stdout.write(`${new Set(literals).size} literals of ${signs.length} signs\n\n`)
  return path
}

function ratio(ours: Run, theirs: Run): string {
  return theirs.missing ? '–' : `${(ours.seconds / theirs.seconds).toFixed(1)}×`
}

async function bench(): Promise<void> {
  const signs = await writeSigns()
  // the first call compiles and reads the pages; it is not what is measured
  spawnSync(process.execPath, [layerwise, 'debug', signs], { stdio: 'ignore', timeout })
  const missing = new Set<string>()
  if (!hasTime) missing.add('memory: /usr/bin/time (GNU) is not installed')
  process.stdout.write(
    '| log | MB | seconds | MB/s | peak MB | against `rg -i -F -f SIGNS` | against `grep -E "(CACHED\\|RUN)"` |\n',
  )
  process.stdout.write('|---|--:|--:|--:|--:|--:|--:|\n')
  for (const { name, kind, megabytes } of cases) {
    const path = join(folder, 'log')
    writeLog(path, kind, quick ? Math.ceil(megabytes / 10) : megabytes)
    const size = statSync(path).size / 1e6
    const ours = measure(process.execPath, [layerwise, 'debug', '--json', path], explained(statSync(path).size))
    const rg = measure('rg', ['-j1', '-i', '-F', '-f', signs, path], searched)
    const grep = measure('grep', ['-E', '(CACHED|RUN)', path], searched)
    for (const tool of [rg, grep]) if (tool.missing) missing.add(tool.missing)
    const memory = ours.megabytes === null ? '–' : ours.megabytes.toFixed(0)
    process.stdout.write(
      `| ${name} | ${size.toFixed(0)} | ${ours.seconds.toFixed(2)} | ${(size / ours.seconds).toFixed(0)} | ${memory} | ${ratio(ours, rg)} | ${ratio(ours, grep)} |\n`,
    )
    rmSync(path)
  }
  for (const reason of missing) process.stdout.write(`\nNOT MEASURED: ${reason}\n`)
}

const clean = () => rmSync(folder, { recursive: true, force: true })
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    clean()
    process.exit(128 + constants.signals[signal])
  })
try {
  await bench()
} finally {
  clean()
}
