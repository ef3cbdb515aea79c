import { DockerfileParser } from 'dockerfile-ast'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Instruction } from '../../src/dockerfile/dockerfile.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'

describe('instructions', () => {
  test('carry the lines they stand on, whatever stands between', () => {
    const found = read('FROM a\r\nRUN a && \\\r\n  # why\r\n\r\n  b \\ \r\n  c\r\nrun d\r\n').instructions
    expect(found.map(({ keyword, line, endLine }) => [keyword, line, endLine])).toEqual([
      ['FROM', 1, 1],
      ['RUN', 2, 6],
      ['RUN', 7, 7],
    ])
    expect(found[1]?.text).toBe('RUN a &&   b   c')
    expect(found[2]?.text).toBe('RUN d')
  })

  test('are continued by the escape character of the directive, behind a byte order mark too', () => {
    const { dockerfile, instructions } = read(
      '\uFEFF# syntax=docker/dockerfile:1\n# escape=`\nfrom a as B\nrun a `\n b\n',
    )
    expect(dockerfile).toMatchObject({ syntax: 'docker/dockerfile:1', escape: '`', stages: [{ name: 'b', line: 3 }] })
    expect(instructions[1]).toMatchObject({ text: 'RUN a  b', line: 4, endLine: 5 })
  })

  test('do not go on after two escape characters', () => {
    expect(read('FROM a\nRUN a \\\\\nRUN b\n').instructions.map(({ line }) => line)).toEqual([1, 2, 3])
  })

  test('end where their last heredoc ends', () => {
    const found = read(
      'FROM a\nRUN <<EOF\nset -eux\nFROM b\nEOF\nCOPY <<-a <<"b c" /d/\n\t1\n\ta\n2\nb c\nRUN z\n',
    ).instructions
    expect(found.map(({ keyword, line, endLine }) => [keyword, line, endLine])).toEqual([
      ['FROM', 1, 1],
      ['RUN', 2, 5],
      ['COPY', 6, 10],
      ['RUN', 11, 11],
    ])
    expect(found[1]).toMatchObject({ text: 'RUN <<EOF (set -eux...)', heredocs: ['set -eux\nFROM b\n'] })
    expect(found[2]).toMatchObject({ heredocs: ['1\n', '2\n'] })
  })

  test.each(['RUN echo $((1<<2))', 'RUN cat <<<"abc"', 'RUN cat<<EOF', 'RUN echo "<<EOF"', 'RUN ["a", "<<EOF"]'])(
    '%s opens no heredoc',
    (run) => {
      const { dockerfile, instructions } = read(`FROM a\n${run}\nRUN b\n`)
      expect([dockerfile.problems, instructions.length]).toEqual([[], 3])
    },
  )

  test('are numbered as in the names of vertices', () => {
    const text = 'FROM a AS b\nARG x\nRUN 1\nENV y=1\nWORKDIR /\nCOPY . .\nFROM b\nRUN 2\nFROM scratch\nADD x /\n'
    const { dockerfile } = read(text)
    expect(dockerfile.stages.map(({ instructions }) => instructions.map(({ ordinal }) => ordinal))).toEqual([
      [1, null, 2, null, null, 3],
      [null, 1],
      [null, 1],
    ])
  })

  test('announced by ONBUILD run in the stages built on theirs, first of all', () => {
    const { dockerfile } = read('FROM a AS b\nONBUILD COPY . /x\nRUN 1\nFROM b\nRUN 2\n')
    expect(dockerfile.stages[0]?.instructions.map(({ ordinal }) => ordinal)).toEqual([1, null, 2])
    expect(dockerfile.stages[1]?.instructions.map(({ text, line, ordinal }) => [text, line, ordinal])).toEqual([
      ['FROM b', 4, null],
      ['COPY . /x', 2, 1],
      ['RUN 2', 5, 2],
    ])
  })
})

describe('stages', () => {
  test('are named without regard to capitals, and a number is no base', () => {
    const { dockerfile } = read('FROM a AS Deps\nFROM DEPS\nFROM 0\n')
    expect(dockerfile.stages.map(({ base }) => base.stage)).toEqual([null, 0, null])
  })

  test('have a base filled in with the defaults of global arguments', () => {
    const text = 'ARG V="22"\nARG TAG=$V-slim\nARG NONE\nFROM node:${TAG}\nFROM node:$NONE\nFROM node:${NONE:-20}\n'
    expect(read(text).dockerfile.stages.map(({ base }) => base.image)).toEqual(['node:22-slim', null, 'node:20'])
  })

  test('can be copied from by name, by number, and not before they are there', () => {
    const text =
      'FROM a AS b\nFROM c\nCOPY --from=B x y\nCOPY --from=0 x y\nCOPY --from=3 x y\nCOPY --from=ctx x y\nCOPY --from=d/e:1 x y\nFROM f AS later\n'
    const { stages, problems } = readDockerfile(text, 'Dockerfile', new Set(['ctx']))
    expect(stages[1]?.instructions.slice(1).map(({ copy }) => copy?.from)).toEqual([
      { kind: 'stage', stage: 0 },
      { kind: 'stage', stage: 0 },
      { kind: 'image', image: '3' },
      { kind: 'context', name: 'ctx' },
      { kind: 'image', image: 'd/e:1' },
    ])
    expect(problems.map(({ line }) => line)).toEqual([5])
  })
})

describe('what an instruction takes in', () => {
  test('is told with its flags', () => {
    const [, copy, exec, mounted] = read(
      'FROM a\nCOPY --link --chown=1:2 --chmod=755 --exclude=*.md --exclude=b --parents a b "c" /d/\nCOPY ["a b", "/c"]\nRUN --mount=type=bind,src=x,dst=/y,rw --mount=type=cache,id="n,m",target=/n --network=none make\n',
    ).instructions
    expect(copy?.copy).toEqual({
      sources: ['a', 'b', '"c"'],
      destination: '/d/',
      from: null,
      link: true,
      chmod: '755',
      chown: '1:2',
      exclude: ['*.md', 'b'],
      parents: true,
    })
    expect(exec?.copy).toMatchObject({ sources: ['a b'], destination: '/c' })
    expect(mounted?.mounts).toMatchObject([
      { type: 'bind', source: 'x', target: '/y', readWrite: true, from: null },
      { type: 'cache', target: '/n', readWrite: true },
    ])
    expect(mounted?.rest).toBe('make')
  })

  test('is a list of variables', () => {
    const [, env, old, arg] = read('FROM a\nENV a=1 b="c d"\nENV a b c\nARG x=$a y\n').instructions
    expect([env, old, arg].map((one) => one?.variables.map(({ name, value }) => [name, value]))).toEqual([
      [
        ['a', '1'],
        ['b', '"c d"'],
      ],
      [['a', 'b c']],
      [
        ['x', '$a'],
        ['y', null],
      ],
    ])
  })
})

describe('problems', () => {
  test.each([
    ['FROM a\nWROKDIR /x\n', 2, 'unknown instruction: WROKDIR'],
    ['RUN x\n', 1, 'before the first FROM'],
    ['FROM a\nCOPY x\n', 2, 'requires at least two arguments'],
    ['FROM a\nRUN <<EOF\nx\n', 2, 'unterminated heredoc'],
    ['FROM a b\n', 1, 'one or three arguments'],
    ['FROM a AS 1\n', 1, 'invalid name for build stage'],
    ['FROM a\nONBUILD FROM b\n', 2, "isn't allowed as an ONBUILD trigger"],
    ['FROM a\nRUN --mount=type=no x\n', 2, 'unsupported mount type'],
    ['# escape=x\nFROM a\n', 1, 'invalid escape token'],
    ['', 1, 'no FROM'],
  ])('%j: line %i, %s', (text, line, message) => {
    expect(read(text).dockerfile.problems[0]).toMatchObject({
      file: 'Dockerfile',
      line,
      message: expect.stringContaining(message),
    })
  })

  test('do not keep the rest from being read', () => {
    const { dockerfile } = read('FROM a\nWROKDIR /x\nCOPY x\nRUN y\n')
    expect(dockerfile.stages[0]?.instructions.map(({ ordinal }) => ordinal)).toEqual([1, null, 2, 3])
  })
})

const piece = fc.constantFrom(
  ...[
    'FROM a AS b',
    'RUN x',
    'COPY ',
    ' \\',
    '\n',
    '\n',
    '\r\n',
    '<<EOF',
    'EOF',
    '# ',
    '# escape=`\n',
    '$',
    '${a:-',
    '}',
  ],
  ...['"', "'", '[', ']', '--mount=', '--from=0', 'ARG a=', 'ENV ', 'ONBUILD ', '`', '\t', ',', '\uFEFF', '{', '\0'],
)
const anyText = fc.oneof(
  fc.string(),
  fc.array(fc.oneof(piece, fc.string({ maxLength: 5 }))).map((all) => all.join('')),
)

test('no text makes the reader fail, and lines are in the file and in order', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { stages, problems } = readDockerfile(text, 'Dockerfile')
      const last = text.split('\n').length
      for (const { instructions } of stages)
        for (const { line, endLine } of instructions) expect(1 <= line && line <= endLine && endLine <= last).toBe(true)
      for (const { line } of problems) expect(1 <= line && line <= last).toBe(true)
    }),
  )
})

test('joined lines keep their numbers', () => {
  const run = fc.array(fc.constantFrom(' \\\n', ' \\\n# note\n', ' \\\n\n', ' x'), { maxLength: 6 })
  fc.assert(
    fc.property(fc.array(run, { maxLength: 5 }), (runs) => {
      const written = runs.map((parts) => `RUN a${parts.join('')} end`)
      const found = read(`FROM a\n${written.join('\n')}\n`).instructions.slice(1)
      const starts = written.map((_, at) => 2 + written.slice(0, at).join('\n').split('\n').length - (at === 0 ? 1 : 0))
      expect(found.map(({ line }) => line)).toEqual(starts)
      expect(found.map(({ line, endLine }) => endLine - line + 1)).toEqual(written.map((one) => one.split('\n').length))
    }),
  )
})

test('another reader of Dockerfiles finds the same instructions on the same lines', () => {
  const line = fc.constantFrom(
    ...[
      'RUN a',
      'RUN a && \\\n  b',
      'RUN a \\\n# note\n  b',
      'COPY <<EOF /x\nRUN y\nEOF',
      'RUN <<-A cat\n\tFROM z\n\tA',
    ],
    ...['# note', '', 'ENV a=1 \\\n    b=2', 'FROM b AS c', 'copy --from=c a b', 'ONBUILD RUN x', 'CMD ["a"]'],
  )
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const text = ['FROM a', ...lines, ''].join('\n').replaceAll('\n', end)
      const own = readDockerfile(text, 'Dockerfile').stages.flatMap(({ instructions }) => instructions)
      const other = DockerfileParser.parse(text).getInstructions()
      expect(own.map(({ line, endLine }) => [line, endLine])).toEqual(
        other.map((one) => [one.getRange().start.line + 1, one.getRange().end.line + 1]),
      )
    }),
  )
})

function read(text: string): { dockerfile: ReturnType<typeof readDockerfile>; instructions: Instruction[] } {
  const dockerfile = readDockerfile(text, 'Dockerfile')
  return { dockerfile, instructions: dockerfile.stages[0]?.instructions ?? [] }
}
