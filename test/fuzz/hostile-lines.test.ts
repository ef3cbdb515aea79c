import { describe, expect, test } from 'vitest'
import { explainer } from '../../src/diagnosis/explain.ts'
import { indexSigns, type SignIndex } from '../../src/diagnosis/match.ts'
import { readRunbook } from '../../src/diagnosis/runbook.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'

/**
 * Lines that go on and on in pieces that our patterns begin with. Twice the text may take twice the time; a pattern that
 * goes back over its steps takes four times, and of 60,000 characters seconds. Times on a busy machine vary, so that a
 * quotient is taken of the best of some tries, and only of times that can be measured.
 */
const pieces = [
  ...[
    'a',
    ' ',
    '1',
    '/',
    '-',
    ':',
    '@',
    '=',
    '.',
    '[',
    '"',
    '*',
    '\\',
    '<',
    ';',
    '|',
    ' (',
    '1.1 ',
    'a.b/',
    'a/b:1:1 ',
    '\\"',
    "'",
    '\u2500',
  ],
  ...[
    'error ',
    'error: ',
    'E: ',
    'fatal: ',
    'not found ',
    'failed ',
    'token=',
    'secret: "',
    'authorization: ',
    '://a',
    '://a:b@',
    '?sig=',
    'eyJ',
  ],
  ...[
    "The command '",
    "The process '",
    'docker ',
    'docker build ',
    'linux/',
    ' => ',
    ' > ',
    '#1 ',
    'sha256:',
    'ERROR: ',
    'target a: ',
    '1/2 ',
    '>>> ',
  ],
  ...[
    'npm error ',
    'Caused by: ',
    'at a.b(c:1:1) ',
    'exit code: 1 ',
    'process "',
    '/app/',
    'tmp/pip-a',
    'abc123 ',
    '\u001b[',
    '\u001b]8;;',
    '{"',
    ',{"a":[',
  ],
]

/** Where such a line may stand. */
const places: Record<string, (line: string) => string> = {
  'in a job': (line) => `##[group]Run docker build .\n${line}\n##[endgroup]\n${line}\n##[error]${line}\n`,
  'in a step': (line) =>
    `#1 [a 1/2] RUN x\n#1 1.0 ${line}\n#1 ${line}\n#1 ERROR: process "${line}" did not complete successfully: exit code: 1\n`,
  'in a name': (line) =>
    `#1 [a 1/2] RUN ${line}\n#1 [${line}\n#2 [${line}] RUN x\n#2 ERROR: x\nERROR: failed to solve: ${line}\n`,
  'in a quotation': (line) =>
    `#1 [a 1/2] RUN x\n------\n > ${line}\n${line}\n------\nDockerfile:1\n--------------------\n   1 | >>> ${line}\n--------------------\nERROR: failed to solve: ${line}\n`,
  'in a terminal': (line) => `[+] Building 1.0s (1/2)\n => ${line}\n => => ${line}\n => ERROR ${line} 0.1s\n`,
  'in other builders': (line) =>
    `Step 1/2 : RUN ${line}\n ---> ${line}\n${line}\nSTEP 1: RUN ${line}\n${line}\nINFO[0001] ${line}\nerror building image: ${line}\n`,
}

const signs = indexSigns(await loadRunbooks([ownRunbooks]))

describe('a long hostile line takes time in proportion to its length', () => {
  test.each(Object.entries(places))('%s', (_, place) => {
    const slow = pieces.filter((piece) => !isLinear((length) => place(piece.repeat(length / piece.length)), signs))
    expect(slow).toEqual([])
  })
})

describe('a pattern of a team’s own', () => {
  test.each([
    '(a+)+$',
    '(a|a)*b',
    '(.*)*x',
    '(?i)(([a-z])+.)+[A-Z]([a-z])+$',
    '^(.*?,){11}P',
    'a?a?a?a?a?a?a?a?aaaaaaaa',
    '(x+x+)+y',
  ])('/%s/ is tried in linear time', (pattern) => {
    const { runbook, problems } = readRunbook('own.md', page(pattern))
    expect(problems).toEqual([])
    const own = indexSigns({ runbooks: [], rows: new Map(runbook?.rows.map((row) => [row.id, row])) })
    for (const piece of ['a', 'x', 'aA', ','])
      expect(
        isLinear(
          (length) => `#1 [a 1/2] RUN x\n${`#1 1.0 ${piece.repeat(200)}!\n`.repeat(length / 200)}#1 ERROR: x\n`,
          own,
        ),
      ).toBe(true)
  })

  test.each(['(a)\\1', '(?=a)b', '(?<!a)b', '(?>a)b', 'a{1001}', '(a{50}){50}{50}', '[', '(', '*a', '\\'])(
    '/%s/ is refused in words, with its line',
    (pattern) => {
      const { runbook, problems } = readRunbook('own.md', page(pattern))
      expect(runbook).toBeNull()
      expect(problems).toEqual([{ file: 'own.md', line: expect.any(Number), message: expect.stringMatching(/RE2/) }])
    },
  )
})

function page(pattern: string): string {
  return [
    '---\ntitle: Own\nowner: us\n---\n# Own\n## Common failures\n| Error | Cause | Fix |\n| --- | --- | --- |',
    '| [x](#hostile) | x | x |\n## Hostile\n```yaml\nid: hostile\nfamily: run\ntitle: It is hostile\nsummary: It is hostile.',
    `severity: fatal\ntransient: no\nsigns: [${JSON.stringify(`/${pattern}/`)}]\n\`\`\`\nFix\n\n1. Nothing.\n`,
    '```log\naaaaaaaaaaaaaaaaaaaaaa\n```\n',
  ].join('\n')
}

/** Eight times the text takes less than thirty times the time; going back over steps would take sixty-four. */
function isLinear(log: (length: number) => string, signs: SignIndex): boolean {
  for (let tries = 0; tries < 4; tries++) {
    const long = timeOf(log(24_000), signs)
    if (long < measurable || long / timeOf(log(3_000), signs) < 30) return true
  }
  return false
}

/** Milliseconds that are more than noise. */
const measurable = 150

function timeOf(log: string, signs: SignIndex): number {
  const start = performance.now()
  const explaining = explainer(signs, { novelty: { green: null } })
  explaining.feed(Buffer.from(log))
  explaining.end({ kind: 'file', name: 'log' })
  explaining.excerpt()
  return performance.now() - start
}
