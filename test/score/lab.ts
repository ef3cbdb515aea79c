import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Explanation } from '../../src/diagnosis/explanation.ts'
import { type Judged, judge, readAccept } from './scoreboard.ts'

/** The lab's logs and what each is meant to show, scored like the labelled logs of the corpus. */
export type LabLog = { log: string; bytes: Uint8Array; cause: string }

const truth = z.object({ log: z.string(), gha_log: z.string().optional(), cause: z.string() })
const vocabulary = z.object({ causes: z.unknown() })

/** `folder` as a URL that ends with a slash. A build whose log also stands in the dress of a job counts twice. */
export function readLabLogs(folder: URL): LabLog[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => truth.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))
    .flatMap(({ log, gha_log, cause }) =>
      [log, gha_log ?? []].flat().map((name) => ({ log: name, bytes: readFileSync(new URL(name, folder)), cause })),
    )
}

/** Which causes of ours are right for which of the lab's. */
export function readVocabulary(text: string): ReturnType<typeof readAccept> {
  return readAccept(JSON.stringify(vocabulary.parse(JSON.parse(text)).causes))
}

export function judgeLab(
  { log, cause }: LabLog,
  explanation: Explanation,
  accept: ReturnType<typeof readAccept>,
): Judged {
  const expect = { failed: null, cause, family: 'lab' }
  return judge({ id: log, kind: 'lab', log: '', expect }, explanation, accept)
}
