import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { explainer } from '../../src/diagnosis/explain.ts'
import type { Explanation } from '../../src/diagnosis/explanation.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { calibration } from './calibration.ts'
import { judgeLab, readLabLogs, readVocabulary } from './lab.ts'
import { type Judged, judge, readAccept, readLabelledLogs, scoreboard } from './scoreboard.ts'
import { greenLines, inLongJob, show, shownBoard, unknownCases } from './unknown.ts'

/**
 * How often the first diagnosis is right on labelled logs: a file of them, or the folder of the lab. `--calibration`
 * holds the stated confidence against that, `--cut N` shows each log's last N lines only, as people paste them.
 */
const usage = 'usage: npm run score -- FILE.jsonl|LAB_FOLDER… [--accept FILE.json] [--calibration] [--cut LINES]\n'
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { accept: { type: 'string' }, calibration: { type: 'boolean' }, cut: { type: 'string' } },
})
if (positionals.length === 0) {
  process.stderr.write(usage)
  process.exit(2)
}

const catalogue = await loadRunbooks([ownRunbooks])
const signs = indexSigns(catalogue)
const judged = positionals.flatMap((path) => (statSync(path).isDirectory() ? judgeFolder(path) : judgeFile(path)))
process.stdout.write(values.calibration ? calibration(judged) : scoreboard(judged))
if (!values.calibration) for (const path of positionals) if (!statSync(path).isDirectory()) tellUnknown(path)

function judgeFile(file: string): Judged[] {
  const { logs, accept } = readFile(file)
  return logs.map((log) => judge(log, explain(log.id, new TextEncoder().encode(log.log)), accept))
}

function readFile(file: string) {
  const accept = readAccept(readFileSync(values.accept ?? join(dirname(file), 'accept.json'), 'utf8'))
  return { logs: readLabelledLogs(readFileSync(file, 'utf8'), file), accept }
}

/** The same failures if no rule knew them: as they are, within a job that writes a lot, and with its green log at hand. */
function tellUnknown(file: string): void {
  const { logs, accept } = readFile(file)
  const cases = unknownCases(logs, accept, catalogue)
  const longer = cases.map((one) => inLongJob(one, 1))
  const green = greenLines(2)
  process.stdout.write(`without any rule: ${shownBoard(cases.map((one) => show(one)))}\n`)
  process.stdout.write(`… in a long job: ${shownBoard(longer.map((one) => show(one)))}\n`)
  process.stdout.write(`… and with its green log: ${shownBoard(longer.map((one) => show(one, green)))}\n`)
}

function judgeFolder(folder: string): Judged[] {
  const beside = [join(folder, 'vocabulary.json'), join(dirname(resolve(folder)), 'lab-vocabulary.json')]
  const accept = readVocabulary(readFileSync(beside.find(existsSync) ?? '', 'utf8'))
  const logs = readLabLogs(pathToFileURL(`${resolve(folder)}/`))
  return logs.map((log) => judgeLab(log, explain(log.log, log.bytes), accept))
}

function explain(name: string, bytes: Uint8Array): Explanation {
  const explaining = explainer(signs)
  explaining.feed(values.cut === undefined ? bytes : lastLines(bytes, Number(values.cut)))
  return explaining.end({ kind: 'file', name })
}

function lastLines(bytes: Uint8Array, count: number): Uint8Array {
  const lines = new TextDecoder().decode(bytes).trimEnd().split('\n')
  return new TextEncoder().encode(lines.slice(-count).join('\n'))
}
