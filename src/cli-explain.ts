import { givenEvidence } from './cli-evidence.ts'
import { feedInput, piecesOf } from './cli-input.ts'
import { readPrevious } from './cli-previous.ts'
import type { EvidenceOptions } from './cli-sources.ts'
import { wordsOf } from './cli-words.ts'
import { explainer } from './diagnosis/explain.ts'
import type { Explanation } from './diagnosis/explanation.ts'
import type { SignIndex } from './diagnosis/match.ts'

export type ExplainFileOptions = EvidenceOptions & { previous?: string; redactRandom?: boolean }

export type Unreadable = { unreadable: string }

/** Explains a log or a build record on disk, or with `-` from standard input, with what the options say beside it. */
export async function explainFile(
  input: string,
  signs: SignIndex,
  options: ExplainFileOptions,
): Promise<Explanation | Unreadable> {
  const previous = options.previous === undefined ? null : await readPrevious(options.previous)
  if (previous && 'unreadable' in previous) return previous
  const given = await givenEvidence(options, previous?.builds ?? null)
  if ('unreadable' in given) return given
  const explaining = explainer(signs, {
    redaction: { random: options.redactRandom ?? false },
    ...(previous?.lines && { novelty: { green: previous.lines } }),
  })
  const stdin = input === '-'
  try {
    await feedInput(stdin ? process.stdin : piecesOf(input), explaining)
  } catch (error) {
    return { unreadable: `cannot read ${stdin ? 'standard input' : input}: ${wordsOf(error)}` }
  }
  return explaining.end(
    { kind: stdin ? 'stdin' : 'file', name: stdin ? '-' : input, missing: given.problems },
    { evidence: given.evidence },
  )
}
