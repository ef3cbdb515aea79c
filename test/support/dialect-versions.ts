import { createHash } from 'node:crypto'

/**
 * One plain log as other versions of BuildKit and buildx would have printed it (log-formats §3.3, §3.11, §3.15): the
 * build stays the same, so its truth does. Lines in, lines out.
 */
export type Version = { name: string; tell: (lines: string[]) => string[] }

/** kaniko's text log in its other `--log-format`s (log-formats §9); bare lines stay bare. */
export const kanikoFormats: Version[] = [
  {
    name: 'color',
    tell: (lines) => lines.map((line) => line.replace(/^(INFO|WARN)(?=\[\d)/, '\u001b[36m$1\u001b[0m')),
  },
  {
    name: 'logfmt',
    tell: kanikoMessages((message, time) => `time="${time}" level=info msg=${JSON.stringify(message)}`),
  },
  {
    name: 'json',
    tell: kanikoMessages((message, time) => JSON.stringify({ level: 'info', msg: message, time })),
  },
]

function kanikoMessages(tell: (message: string, time: string) => string): (lines: string[]) => string[] {
  return (lines) =>
    lines.map((line) => {
      const [, seconds = 0, message] = /^INFO\[(\d+)\] (.*?) *$/.exec(line) ?? []
      const time = new Date(1_714_564_800_000 + Number(seconds) * 1000).toISOString()
      return message === undefined ? line : tell(message, time)
    })
}

const vertex = /^#(\d+) (.*)$/
const isHeader = (text: string) =>
  !/^(?:\.\.\.$|DONE|CACHED$|CANCELED$|ERROR: |-?\d+\.\d{1,3} |sha256:|[a-z])/.test(text)

function mapHeaders(lines: string[], tell: (number: string, name: string) => string[]): string[] {
  return lines.flatMap((line, index) => {
    const [, number, text] = vertex.exec(line) ?? []
    const afterBlank = index === 0 || lines[index - 1] === ''
    return number !== undefined && text !== undefined && afterBlank && isHeader(text) ? tell(number, text) : [line]
  })
}

/** v0.8 put the vertex's digest under each header. */
const withDigests = (lines: string[]) =>
  mapHeaders(lines, (number, name) => [
    `#${number} ${name}`,
    `#${number} sha256:${createHash('sha256').update(name).digest('hex')}`,
  ])

const withoutBuilder = (lines: string[]) => (lines[0]?.startsWith('#0 building with') ? lines.slice(2) : lines)

/** Names cut to 72 characters, before v0.8 always, later with `PROGRESS_NO_TRUNC=0`. */
const withCutNames = (lines: string[]) =>
  mapHeaders(lines, (number, name) => [`#${number} ${name.length > 72 ? `${name.slice(0, 72)}...` : name}`]).map(
    (line) => (line.startsWith(' > ') && line.length > 76 ? `${line.slice(0, 75)}...:` : line),
  )

const command = (line: string) =>
  line.replace(
    /process "(.*)" did not complete successfully: exit code: (\d+)/,
    (_, run: string, code: string) => `executor failed running [${run.replaceAll('\\"', '"')}]: exit code: ${code}`,
  )

/** `tell` is given the error without its wrappers. */
const withFinal = (lines: string[], tell: (error: string) => string) =>
  lines.map((line) => {
    const error = /^ERROR: (?:failed to build: )?(?:target [^:]+: )?failed to solve: (.*)$/.exec(line)?.[1]
    return error === undefined ? line : tell(error)
  })

/** The lines of the blocks between dashes, with the number of the vertex that they quote or another. */
function withNumbersInBlocks(lines: string[], number: (of: string) => string): string[] {
  const numbers = new Map<string, string>()
  for (const line of lines) {
    const [, of, text] = vertex.exec(line) ?? []
    if (of !== undefined && text !== undefined && isHeader(text)) numbers.set(text, of)
  }
  let quoted: string | null = null
  return lines.map((line) => {
    if (line === '------') quoted = null
    const name = /^ > (.*):$/.exec(line)?.[1]
    if (name !== undefined) quoted = numbers.get(name) ?? null
    return quoted !== null && name === undefined ? `#${number(quoted)} ${line}` : line
  })
}

export const versions: Version[] = [
  {
    name: 'v0.8 behind an rpc',
    tell: (lines) =>
      withFinal(
        withDigests(withCutNames(withoutBuilder(lines))).map(command),
        (error) => `failed to solve: rpc error: code = Unknown desc = ${error}`,
      ),
  },
  {
    name: 'v0.8 with a frontend image',
    tell: (lines) =>
      withFinal(
        withDigests(withoutBuilder(lines)).map(command),
        (error) =>
          `failed to solve with frontend dockerfile.v0: failed to solve with frontend gateway.v0: rpc error: code = Unknown desc = ${error}`,
      ),
  },
  {
    name: 'v0.9, buildx v0.7',
    tell: (lines) =>
      withFinal(
        withNumbersInBlocks(withoutBuilder(lines), (of) => of),
        (error) => `error: failed to solve: ${error}`,
      ),
  },
  {
    name: 'v0.11, buildx v0.10',
    tell: (lines) =>
      withFinal(
        withNumbersInBlocks(withoutBuilder(lines), () => '0'),
        (error) => `ERROR: failed to solve: ${error}`,
      ),
  },
  {
    name: 'v0.11, every line of output with #0',
    tell: (lines) =>
      withNumbersInBlocks(lines, () => '0').map((line) => line.replace(/^#\d+ (?=\d+\.\d{1,3} )/, '#0 ')),
  },
  { name: 'buildx v0.12', tell: (lines) => withFinal(lines, (error) => `ERROR: failed to solve: ${error}`) },
  { name: 'older compose', tell: (lines) => withFinal(lines, (error) => `failed to solve: ${error}`) },
  {
    name: 'an error with its class',
    tell: (lines) => withFinal(lines, (error) => `ERROR: failed to build: failed to solve: Internal: ${error}`),
  },
  {
    name: 'a target of several',
    tell: (lines) => withFinal(lines, (error) => `ERROR: target api: failed to solve: ${error}`),
  },
  { name: 'names cut', tell: withCutNames },
]
