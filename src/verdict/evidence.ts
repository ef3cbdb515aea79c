import { redact } from '../build/redact.ts'

/** What a check saw. `evidence`: one or two plain sentences with figures; whoever shows it escapes it. */
export type Checked = { state: 'passed' | 'failed' | 'cannot-tell'; evidence: string }

export function passed(evidence: string): Checked {
  return { state: 'passed', evidence: plain(evidence) }
}

export function failed(evidence: string): Checked {
  return { state: 'failed', evidence: plain(evidence) }
}

export function cannotTell(evidence: string): Checked {
  return { state: 'cannot-tell', evidence: plain(evidence) }
}

const longest = 400

/** On one line, without what only terminals understand, and short. */
function plain(text: string): string {
  return shown(text, longest)
}

/** Steps, files and titles come from logs. Half a secret looks like none: it is masked before anything is cut off. */
export function quoted(text: string, most = 70): string {
  return `\`${shown(text, most).replaceAll('`', "'")}\``
}

export function shown(text: string, most: number): string {
  return shortened(redact(oneLine(text)), most)
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .toWellFormed()
}

function shortened(text: string, most: number): string {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}

/** "a, b and 2 more" */
export function listed(items: string[], most = 3): string {
  const rest = items.length - most
  return rest > 0 ? `${items.slice(0, most).join(', ')} and ${rest} more` : items.join(', ')
}

/** "48 s", "3 min 2 s", "1 h 2 min" */
export function timeShown(seconds: number): string {
  const whole = Math.round(seconds)
  const parts: [number, string][] =
    whole >= 3_600
      ? [
          [Math.floor(whole / 3_600), 'h'],
          [Math.floor((whole % 3_600) / 60), 'min'],
        ]
      : [
          [Math.floor(whole / 60), 'min'],
          [whole % 60, 's'],
        ]
  const told = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`)
  return told.length === 0 ? '0 s' : told.join(' ')
}
