import { mask } from '../build/redact.ts'
import type { LogRedactor } from '../build/redact-log.ts'
import type { Hit, Matcher } from './match.ts'
import type { TailLine } from './tails.ts'

/** The matcher, with masked lines and captures in its hits: what is told of a hit holds no secret. */
export function redactedHits(matcher: Matcher, redactor: LogRedactor): Matcher {
  return { ...matcher, hits: () => matcher.hits().map((hit) => redactedHit(hit, redactor)) }
}

function redactedHit(hit: Hit, redactor: LogRedactor): Hit {
  const text = redactor.clean(hit.text)
  if (Object.keys(hit.captures).length === 0) return { ...hit, text }
  const shown = ([name, value]: [string, string]) => [name, redactedCapture(value, { raw: hit.text, text }, redactor)]
  return { ...hit, text, captures: Object.fromEntries(Object.entries(hit.captures).map(shown)) }
}

/** A capture lacks what stood around it and told what it is: it is shown when the masked line still shows it. */
function redactedCapture(value: string, line: { raw: string; text: string }, redactor: LogRedactor): string {
  const shown = redactor.cleanPiece(value)
  return line.raw.includes(value) && !line.text.includes(shown) ? mask : shown
}

/** Lines that are kept by owner, masked when somebody asks for them. */
export function redactedLines<Lines extends { of(...asked: never[]): TailLine[] }>(
  lines: Lines,
  redactor: LogRedactor,
): Lines {
  const of = (...asked: never[]): TailLine[] => {
    const kept = lines.of(...asked)
    const texts = redactor.cleanLines(kept.map(({ text }) => text))
    return kept.map((line, index) => ({ ...line, text: texts[index] ?? '' }))
  }
  return { ...lines, of }
}
