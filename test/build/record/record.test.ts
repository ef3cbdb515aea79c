import { readFileSync } from 'node:fs'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Build } from '../../../src/build/build.ts'
import { limits, RecordBroken } from '../../../src/build/record/limits.ts'
import { type BuildRecord, gatherRecord, readRecords } from '../../../src/build/record/record.ts'
import { tellRecords } from '../../../src/build/record/tell-record.ts'
import {
  archiveOf,
  blob,
  type Fields,
  type File,
  index,
  layoutOf,
  message,
  statusStream,
  tarOf,
  varint,
  zipOf,
} from './make-record.ts'

const lab = (name: string) => readFileSync(new URL(`../../fixtures/lab/${name}.dockerbuild`, import.meta.url))
const reasonOf = (bytes: Uint8Array) =>
  readRecords(bytes).then(
    () => 'read',
    (error: unknown) => {
      if (error instanceof RecordBroken) return `${error.code}: ${error.message}`
      throw error
    },
  )
const megabyte = 1 << 20
const uniqueFiles = (files: File[]) => [...new Map(files.map((file) => [file.name, file])).values()]

/** `at` in seconds */
const at = (field: number, seconds: number): Fields[number] => [
  field,
  [
    [1, seconds],
    [2, 0],
  ],
]
const vertex = (digest: string, ...fields: Fields): Fields[number] => [1, [[1, digest], ...fields]]
const log = (digest: string, seconds: number, text: string): Fields[number] => [
  3,
  [[1, digest], at(2, seconds), [4, text]],
]

async function told(status: Fields, more: Parameters<typeof layoutOf>[0] = {}) {
  const archive = await archiveOf(layoutOf({ ...more, status: statusStream(message(status)) }))
  const records = await readRecords(archive)
  const said: string[] = []
  const reading = tellRecords(records, archive.length, (line) => said.push(`${line.number} ${line.place} ${line.text}`))
  const build = reading.builds[0] as Build
  return { records, said, reading, build, vertices: [...build.vertices.values()] }
}

describe('what a record tells', () => {
  test('in the order of time, whatever the order in the record', async () => {
    const { said, vertices } = await told([
      vertex('b', [3, '[3/3] RUN b'], at(5, 20), at(6, 30)),
      vertex('a', [3, '[2/3] RUN a'], at(5, 10), at(6, 20)),
      log('b', 25, 'of b\n'),
      log('a', 15, 'of a\n'),
    ])
    expect(said).toEqual(['3 step of a', '5 step of b'])
    expect(vertices.map(({ text, seconds }) => [text, seconds])).toEqual([
      ['[2/3] RUN a', 10],
      ['[3/3] RUN b', 10],
    ])
  })

  test('lines that came in pieces are put together, colours and bars come off', async () => {
    const { said } = await told([
      vertex('a', [3, '[2/2] RUN a'], at(5, 10), at(6, 20)),
      log('a', 11, 'one and'),
      log('a', 12, ' two\n\u001b[31mred\u001b[0m\n10%\r20'),
      log('a', 13, '%\nno line end'),
    ])
    expect(said.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'step one and two',
      'step red',
      'step 10%',
      'step 20%',
      'step no line end',
    ])
  })

  test('the time of a step that started three times, once within another', async () => {
    const times = [at(5, 10), at(6, 20), at(5, 15), at(6, 18), at(5, 30), at(6, 31)]
    const pairs = [times.slice(0, 2), times.slice(2, 4), times.slice(4)]
    const { vertices } = await told(pairs.map((pair) => vertex('a', [3, '[2/2] RUN a'], ...pair)))
    expect(vertices[0]?.seconds).toBe(11)
  })

  test('the graph, the line in the Dockerfile and what was asked for', async () => {
    const attributes = {
      filename: 'docker/Dockerfile',
      target: 'deps',
      platform: 'linux/amd64,linux/arm64',
      'no-cache': 'deps,builder',
      'build-arg:GIT_SHA': '77e01bd',
      'build-arg:NPM_TOKEN': ['npm', 'x'.repeat(36)].join('_'),
      'cache-imports': '[{"Type":"gha","Attrs":{"scope":"web"}},{"Type":"registry","Attrs":{"ref":"r.example/c"}}]',
    }
    const { records, vertices } = await told(
      [vertex('a', [2, 'x'], [2, 'y'], [3, '[2/2] RUN a'], at(5, 1), at(6, 2))],
      { history: { FrontendAttrs: attributes, DefaultPlatform: 'linux/s390x' } },
    )
    expect(vertices[0]?.inputs).toEqual(['x', 'y'])
    const { facts, ended } = records[0] as BuildRecord
    expect(ended).toBe('succeeded')
    expect(facts).toMatchObject({
      startedAt: '1970-01-01T00:00:01.000Z',
      target: 'deps',
      platforms: ['linux/amd64', 'linux/arm64'],
      dockerfile: { name: 'docker/Dockerfile', text: null },
      noCache: ['deps', 'builder'],
      cacheFrom: [
        { type: 'gha', scope: 'web', ref: null },
        { type: 'registry', scope: null, ref: 'r.example/c' },
      ],
    })
    expect(facts.buildArgs[0]).toEqual({ name: 'GIT_SHA', value: '77e01bd' })
    expect(facts.buildArgs[1]?.value).not.toContain('xxxx')
  })

  test('where instructions stand, out of the provenance of a real one', async () => {
    const [record] = await readRecords(lab('web-cold'))
    const [build] = tellRecords([record as BuildRecord], 1, () => {}).builds
    const lines = [...(build as Build).vertices.values()].map(({ text, dockerfileLine }) => [
      text.slice(0, 20),
      dockerfileLine,
    ])
    expect(Object.fromEntries(lines)).toMatchObject({
      '[deps 2/4] WORKDIR /': 2,
      '[deps 4/4] RUN yarn ': 4,
      '[builder 5/5] RUN ya': 12,
      '[runner 4/4] COPY --': 17,
    })
    expect(record?.facts.sources.map(({ uri }) => uri)).toEqual([
      'pkg:docker/nginx@1.29?platform=linux%2Famd64',
      'pkg:docker/node@22-bookworm-slim?platform=linux%2Famd64',
    ])
  })

  test('an error with the vertex and the lines that it is about', async () => {
    const source = {
      info: { filename: 'Dockerfile', data: Buffer.from('FROM a\nRUN b \\\n  c\n').toString('base64') },
      ranges: [{ start: { line: 2 }, end: { line: 3 } }],
    }
    const error = message([
      [1, 2],
      [2, 'process "/bin/sh" did not complete successfully: exit code: 1'],
      [
        3,
        [
          [1, 'github.com/moby/buildkit/errdefs.Source+json'],
          [2, JSON.stringify(source)],
        ],
      ],
      [
        3,
        [
          [1, 'github.com/moby/buildkit/errdefs.Vertex+json'],
          [2, '{"digest":"a"}'],
        ],
      ],
    ])
    const { build, said } = await told([vertex('a', [3, '[2/2] RUN b'], at(5, 1), at(6, 2), [7, 'it failed'])], {
      error,
    })
    expect(build.fatal).toMatchObject({ text: '[2/2] RUN b', status: 'failed', seconds: 1, dockerfileLine: 2 })
    expect(build.excerpts).toEqual([
      {
        file: 'Dockerfile',
        marked: [
          { line: 2, code: 'RUN b \\' },
          { line: 3, code: '  c' },
        ],
      },
    ])
    expect(said).toEqual([
      '3 step it failed',
      '4 error ERROR: failed to solve: process "/bin/sh" did not complete successfully: exit code: 1',
    ])
  })

  test('a canceled build is told as the client tells it', async () => {
    const { build } = await told([], { history: { error: { code: 1, message: 'context canceled' } } })
    expect(build.finalError?.text).toBe('ERROR: failed to solve: Canceled: context canceled')
  })

  test('of several builds the failed one comes last', async () => {
    const failed = { history: { Ref: 'failed', error: { message: 'boom' } } }
    const records = await readRecords(await archiveOf(layoutOf(failed, { history: { Ref: 'green' } })))
    const { builds } = tellRecords(records, 1, () => {})
    expect(builds.map(({ record }) => record?.ref)).toEqual(['green', 'failed'])
  })

  test('a record is the same in the zip that GitHub hands out, beside other files', async () => {
    const bytes = lab('run-tsc-error')
    const zip = zipOf([
      { name: 'README', body: Buffer.from('hello') },
      { name: 'acme~web~ABCDEF.dockerbuild', body: bytes },
      { name: 'again.dockerbuild', body: deflateRawSync(bytes), method: 8, declared: bytes.length },
    ])
    const [alone] = await readRecords(bytes)
    expect(await readRecords(zip)).toEqual([alone, alone])
  })
})

describe('what is no record, or no longer one', () => {
  test.each([
    ['an empty file', () => Buffer.alloc(0), /^no-record: it is neither a gzip nor a zip file/],
    ['a log', () => Buffer.from('#1 [internal] load'), /^no-record/],
    ['a packed log', () => gzipSync('#1 [internal] load'), /^no-record: it is packed, but it is no build record/],
    [
      'another tar',
      () => archiveOf([{ name: 'a.txt', body: 'a' }]),
      /^no-record: it is packed, but it is no build record/,
    ],
    ['an empty zip', () => zipOf([]), /^no-record: it is a zip file without a build record/],
    [
      'a zip of a zip',
      () => zipOf([{ name: 'a.zip', body: zipOf([{ name: 'r', body: lab('web-warm') }]) }]),
      /^no-record/,
    ],
    ['an image', () => archiveOf([{ name: 'index.json', body: '{"manifests":[]}' }]), /^no-record: no build/],
    [
      'an index that is no JSON',
      () => archiveOf([{ name: 'index.json', body: '{' }]),
      /^corrupt: its index is no JSON/,
    ],
    [
      'an index of another shape',
      () => archiveOf([{ name: 'index.json', body: '[]' }]),
      /^corrupt: its index is not as/,
    ],
    [
      'a file that is missing',
      () => archiveOf([{ name: 'index.json', body: index({ digest: blob('').digest }) }]),
      /^corrupt: a file of the build record is missing/,
    ],
    [
      'a digest that is a path',
      () => archiveOf([{ name: 'index.json', body: index({ digest: 'sha256:../../etc/passwd' }) }]),
      /^corrupt: a file of the build record is missing/,
    ],
    [
      'a status cut off',
      () => archiveOf(layoutOf({ status: statusStream(Buffer.from('abc')).subarray(0, 5) })),
      /^corrupt: what it tells of its steps is cut off/,
    ],
    [
      'a status that is no protobuf',
      () => archiveOf(layoutOf({ status: statusStream(Buffer.from([0xff, 0xff, 0xff])) })),
      /^corrupt/,
    ],
    [
      'a gzip cut off',
      () => lab('web-cold').subarray(0, 4000),
      /^corrupt: it is damaged or cut off \(unexpected end of file\)/,
    ],
    ['a zip cut off', () => zipOf([{ name: 'a', body: lab('web-cold') }]).subarray(0, 4000), /^corrupt/],
  ])('%s', async (_, make, reason) => {
    expect(await reasonOf(await make())).toMatch(reason)
  })

  test('a file that does not bear its digest', async () => {
    const files = layoutOf({}).map((file) => (file.name === 'index.json' ? file : { ...file, body: `${file.body} ` }))
    expect(await reasonOf(await archiveOf(files))).toMatch(/^corrupt: a file of the build record is damaged/)
  })
})

describe('files that are made to do harm', () => {
  const zeros = (size: number) => Buffer.alloc(size)

  test('a gzip that unpacks to more than any record', async () => {
    const bomb = gzipSync(zeros(limits.unpacked + megabyte))
    expect(bomb.length).toBeLessThan(megabyte)
    expect(await reasonOf(bomb)).toBe('too-big: it unpacks to more than 96 MB')
  })

  test('a zip of such, whatever sizes it declares', async () => {
    const inner = gzipSync(zeros(limits.unpacked + megabyte))
    expect(await reasonOf(zipOf([{ name: 'a.dockerbuild', body: inner }]))).toBe(
      'too-big: it unpacks to more than 96 MB',
    )
    const body = deflateRawSync(Buffer.concat([Buffer.from([0x1f, 0x8b]), zeros(limits.unpacked + megabyte)]))
    const honest = zipOf([{ name: 'a', body, method: 8, declared: limits.unpacked + megabyte + 2 }])
    expect(await reasonOf(honest)).toBe('too-big: it unpacks to more than 96 MB')
    expect(await reasonOf(zipOf([{ name: 'a', body, method: 8, declared: 10 }]))).toMatch(/^corrupt/)
  })

  test('a zip whose entries share their bytes', async () => {
    const body = deflateRawSync(Buffer.concat([Buffer.from([0x1f, 0x8b]), zeros(10 * megabyte)]))
    const entry = { name: 'a', body, method: 8 as const, declared: 10 * megabyte + 2 }
    const overlapping = zipOf([entry, ...Array.from({ length: 500 }, () => ({ ...entry, at: 0 }))])
    expect(overlapping.length).toBeLessThan(megabyte)
    expect(await reasonOf(overlapping)).toMatch(/^(?:too-big|corrupt)/)
  })

  test('a zip with more files than any artifact', async () => {
    const many = zipOf(Array.from({ length: limits.entries + 1 }, (_, n) => ({ name: `${n}`, body: Buffer.from('x') })))
    expect(await reasonOf(many)).toBe('too-big: there are more than 2000 files in it')
  })

  test('a tar with more files than any record', async () => {
    const many = Array.from({ length: limits.entries + 1 }, (_, n) => ({ name: `${n}`, body: '' }))
    expect(await reasonOf(await archiveOf(many))).toBe('too-big: there are more than 2000 files in it')
  })

  test.each([8 * 2 ** 30 - 1, 2 ** 53])('a tar that declares a file of %d bytes', async (size) => {
    const tar = await tarOf([{ name: 'index.json', body: '{}' }])
    const header = tar.subarray(0, 512)
    header.write(size < 8 ** 11 ? `${size.toString(8).padStart(11, '0')}\0` : '', 124, 'latin1')
    if (size >= 8 ** 11) {
      header.fill(0, 124, 136)
      header[124] = 0x80
      header.writeBigUInt64BE(BigInt(size), 128)
    }
    header.fill(' ', 148, 156)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    expect(await reasonOf(gzipSync(tar))).toMatch(/^corrupt/)
  })

  test('more builds than any bake has', async () => {
    const builds = Array.from({ length: limits.builds + 1 }, (_, n) => ({ history: { Ref: `${n}` } }))
    expect(await reasonOf(await archiveOf(layoutOf(...builds)))).toMatch(/^too-big: more than 100 builds/)
  })

  test('an index that names one manifest a million times reads it once', async () => {
    const [, manifest, ...files] = layoutOf({})
    if (!manifest) throw new Error('no manifest')
    const digest = `sha256:${manifest.name.slice(-64)}`
    const nested = blob(index(...Array.from({ length: 1000 }, () => ({ digest }))))
    const top = index(...Array.from({ length: 1000 }, () => ({ digest: nested.digest, nested: true })))
    const archive = await archiveOf([{ name: 'index.json', body: top }, nested, manifest, ...files])
    expect(await readRecords(archive)).toHaveLength(1)
  })

  test('JSON and protobuf nested beyond any stack', async () => {
    const json = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
    expect(await reasonOf(await archiveOf([{ name: 'index.json', body: `{"manifests":${json}}` }]))).toMatch(/^corrupt/)
    // a group within a group within …: field 9, which is not ours
    const groups = Buffer.alloc(1_000_000, (9 << 3) | 3)
    expect(await reasonOf(await archiveOf(layoutOf({ status: statusStream(groups) })))).toMatch(/^corrupt/)
  })

  test.each([
    ['output', (3 << 3) | 2],
    ['vertices', (1 << 3) | 2],
  ])('two bytes that stand for a piece of %s, a million times', async (_, tag) => {
    const empty = Buffer.alloc(2_000_000)
    for (let at = 0; at < empty.length; at += 2) empty[at] = tag
    expect(await reasonOf(await archiveOf(layoutOf({ status: statusStream(empty) })))).toBe(
      'too-big: it tells more than any build',
    )
    const inputs = Buffer.alloc(8_000_000)
    for (let at = 0; at < inputs.length; at += 2) inputs[at] = (2 << 3) | 2
    const vertex = Buffer.concat([varint((1 << 3) | 2), varint(inputs.length), inputs])
    expect(await reasonOf(await archiveOf(layoutOf({ status: statusStream(vertex) })))).toMatch(/^too-big/)
    const details = Buffer.alloc(2_000_000)
    for (let at = 0; at < details.length; at += 2) details[at] = (3 << 3) | 2
    expect(await reasonOf(await archiveOf(layoutOf({ error: details })))).toMatch(/^too-big/)
  })

  test('a provenance that fifty builds name twenty times each', async () => {
    const provenance = Array.from({ length: 20 }, () => Buffer.alloc(2 * megabyte, ' '))
    const builds = Array.from({ length: 50 }, (_, n) => ({ history: { Ref: `${n}` }, provenance }))
    expect(await reasonOf(await archiveOf(uniqueFiles(layoutOf(...builds))))).toMatch(/^too-big: it names its files/)
  })

  test("JSON larger than any of BuildKit's", async () => {
    const text = `{"manifests":[${'[],'.repeat(3_000_000)}[]]}`
    expect(await reasonOf(await archiveOf([{ name: 'index.json', body: text }]))).toBe(
      'too-big: its index is larger than 8 MB',
    )
  })

  test('a length that reaches beyond the end', async () => {
    const beyond = Buffer.concat([varint((1 << 3) | 2), varint(0xffffffff)])
    expect(await reasonOf(await archiveOf(layoutOf({ status: statusStream(beyond) })))).toMatch(/^corrupt/)
  })

  test('times that are none', async () => {
    const never = message([
      [
        1,
        [
          [1, 'a'],
          [3, '[2/2] RUN a'],
          [
            5,
            [
              [1, 2 ** 50],
              [2, 1],
            ],
          ],
          [6, [[1, 1]]],
        ],
      ],
    ])
    const [record] = await readRecords(
      await archiveOf(layoutOf({ status: statusStream(never), history: { CreatedAt: { seconds: 1e300 } } })),
    )
    expect(record?.facts.startedAt).toBeNull()
    const [build] = tellRecords([record as BuildRecord], 1, () => {}).builds
    expect(build?.vertices.get('a')?.seconds).toBe(0)
  })

  test('as many vertices and as much output as will fit are read in bounds', async () => {
    const vertices = Array.from({ length: 20_000 }, (_, n) =>
      vertex(`${n}`, [3, `[2/3] RUN ${n}`], at(5, n), at(6, n + 1)),
    )
    const output = Array.from({ length: 20_000 }, (_, n) => log('1', n, 'x'.repeat(100)))
    const { build, reading } = await told([...vertices, ...output])
    expect(build.vertices.size).toBe(4000)
    expect(reading.lines).toBeLessThan(60_000)
  })

  test('a file larger than any record is refused while it comes in', () => {
    const { feed } = gatherRecord()
    const chunk = zeros(megabyte)
    expect(() => {
      for (let n = 0; n <= 40; n++) feed(chunk)
    }).toThrow(/^it is larger than 32 MB/)
  })
})
