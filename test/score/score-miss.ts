import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { explainCase, type JudgedMiss, judgeMisses, missBoard, readMissTruth, reasonsAccepted } from './miss.ts'

/**
 * How often the first misses of real builds are explained rightly: folders of logs with their truth beside them, as the
 * lab writes them. Each is told what `layerwise debug` would be told, no more: the logs, the Dockerfiles, the ignore
 * file, the changed files and the context. `--misses` names what is wrong.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { misses: { type: 'boolean' }, accept: { type: 'string' } },
})
if (positionals.length === 0 || !positionals.every((path) => statSync(path).isDirectory())) {
  process.stderr.write('usage: npm run score:miss -- [--misses] [--accept VOCABULARY.json] LAB_FOLDER…\n')
  process.exit(2)
}

const signs = indexSigns(await loadRunbooks([ownRunbooks]))
const judged: JudgedMiss[] = []
for (const folder of positionals) {
  const accept = reasonsAccepted(folder, values.accept)
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    const truth = readMissTruth(readFileSync(join(folder, name), 'utf8'))
    if (truth) judged.push(...judgeMisses(truth, await explainCase(folder, truth, signs), accept))
  }
}
process.stdout.write(missBoard(judged, values.misses ?? false))
