import type { Judged } from './scoreboard.ts'

/** Stated confidence against how often it was right, as a Markdown table; one bin a row, surest first. */
export function calibration(judged: Judged[]): string {
  const named = judged.filter(({ said }) => said !== 'nothing' && said !== 'unknown-failure')
  const rows = bins.map(({ from, to }) => {
    const own = named.filter(({ confidence }) => confidence >= from && confidence < to)
    const count = (verdict: Judged['verdict']) => own.filter((one) => one.verdict === verdict).length
    const stated = own.reduce((sum, { confidence }) => sum + confidence, 0) / own.length
    return [
      to > 1 ? `${from.toFixed(2)} and more` : `${from.toFixed(2)} to ${to.toFixed(2)}`,
      own.length,
      count('right'),
      count('vague'),
      count('wrong'),
      own.length === 0 ? '–' : stated.toFixed(2),
      own.length === 0 ? '–' : (count('right') / (own.length - count('vague'))).toFixed(2),
    ]
  })
  const silent = judged.length - named.length
  return [
    line(['confidence', 'logs', 'right', 'vague', 'wrong', 'stated', 'observed']),
    line(['---', '--:', '--:', '--:', '--:', '--:', '--:']),
    ...rows.map(line),
    '',
    `${judged.length} logs; of ${silent} nothing was said, or that the cause is not known.`,
    '',
  ].join('\n')
}

/** By what the formula can give (src/diagnosis/confidence.ts). */
const bins = [
  { from: 0.95, to: 2 },
  { from: 0.9, to: 0.95 },
  { from: 0.8, to: 0.9 },
  { from: 0.7, to: 0.8 },
  { from: 0.5, to: 0.7 },
  { from: 0, to: 0.5 },
]

function line(cells: (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}
