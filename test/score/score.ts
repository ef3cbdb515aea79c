import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { explainer } from '../../src/diagnosis/explain.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { type Accept, judge, type LabelledLog, readAccept, readLabelledLogs, scoreboard } from './scoreboard.ts'

/**
 * `npm run score -- FILE.jsonl [--accept accept.json]`: how often the first diagnosis is right on labelled logs.
 */
const [file, ...rest] = process.argv.slice(2)
if (!file) {
  process.stderr.write('usage: npm run score -- FILE.jsonl [--accept FILE.json]\n')
  process.exit(2)
}
const acceptFile = rest[0] === '--accept' ? rest[1] : undefined
const logs: LabelledLog[] = readLabelledLogs(await readFile(file, 'utf8'), file)
const accept: Accept = readAccept(await readFile(acceptFile ?? join(dirname(file), 'accept.json'), 'utf8'))
const signs = indexSigns(await loadRunbooks([ownRunbooks]))
const judged = logs.map((log) => {
  const explaining = explainer(signs)
  explaining.feed(new TextEncoder().encode(log.log))
  return judge(log, explaining.end({ kind: 'file', name: log.id }), accept)
})
process.stdout.write(scoreboard(judged))
