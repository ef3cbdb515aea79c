import type { Excerpt } from './build.ts'
import type { Marks } from './marks.ts'

/**
 * The end of a failed BuildKit build: the blocks between dashes that repeat a vertex's last lines, the Dockerfile
 * excerpts, the closing `ERROR:` (buildx `cmd/buildx/main.go`, BuildKit `display.go` and `solver/errdefs/source.go`).
 */
export type Closing =
  | { kind: 'none' }
  | { kind: 'frame' }
  | { kind: 'block'; vertexName: string }
  | { kind: 'block-line'; vertexName: string; text: string }
  | { kind: 'excerpt-end'; excerpt: Excerpt }
  | { kind: 'final'; text: string }

export type ClosingReader = {
  read(text: string): Closing
  inBlock(): boolean
  /** outside of blocks and excerpts, and not about to enter one */
  idle(): boolean
  reset(): void
}

export const closingMarks: Marks = {
  begins: [
    '------',
    '> ',
    'ERROR',
    'Error',
    'error',
    'buildx',
    'target ',
    'failed to ',
    'bake: ',
    'process "',
    'executor failed',
  ],
  contains: [
    'failed to solve',
    'did not complete successfully: exit code',
    'executor failed running',
    ' failed to build',
  ],
}

export function closingReader(): ClosingReader {
  let section: 'none' | 'block' | 'excerpt' = 'none'
  let vertexName = ''
  let title: { file: string } | null = null
  let excerpt: Excerpt | null = null

  function inBlock(text: string): Closing {
    if (text === '------') {
      section = 'none'
      return { kind: 'frame' }
    }
    // pasted without its blank
    if (text.startsWith(' > ') || (vertexName === '' && text.startsWith('> '))) {
      vertexName = text.replace(/^ ?> /, '').trimEnd().replace(/:$/, '')
      return { kind: 'block', vertexName }
    }
    if (vertexName === '') {
      // the end of a block whose beginning is not in this log
      section = 'none'
      return outside(text)
    }
    return { kind: 'block-line', vertexName, text: text.replace(blockPrefix, '') }
  }

  function inExcerpt(text: string): Closing {
    if (excerptRule.test(text)) {
      section = 'none'
      const whole = excerpt
      excerpt = null
      return whole ? { kind: 'excerpt-end', excerpt: whole } : { kind: 'frame' }
    }
    const line = /^\s*(\d+) \|(?: (>>>)?)? ?(.*)$/.exec(text)
    if (!line) {
      section = 'none'
      return { kind: 'none' }
    }
    if (line[2] && excerpt && excerpt.marked.length < 40) {
      excerpt.marked.push({ line: Number(line[1]), code: (line[3] ?? '').trimEnd() })
    }
    return { kind: 'frame' }
  }

  function outside(text: string): Closing {
    if (text === '------') {
      section = 'block'
      vertexName = ''
      return { kind: 'frame' }
    }
    if (title && excerptRule.test(text)) {
      section = 'excerpt'
      excerpt = { file: title.file, marked: [] }
      title = null
      return { kind: 'frame' }
    }
    const file = /^([^\s:][^:]{0,200}):(\d+)$/.exec(text)?.[1]
    title = file === undefined ? null : { file }
    if (file !== undefined) return { kind: 'frame' }
    const name = blockName.exec(text)?.[1]
    if (name !== undefined) {
      // a quotation that begins with the name of the step
      section = 'block'
      vertexName = name
      return { kind: 'frame' }
    }
    if (isFinalError(text)) return { kind: 'final', text }
    return { kind: 'none' }
  }

  return {
    read(text) {
      if (section === 'block' && isFinalError(text)) section = 'none'
      if (section === 'block') return inBlock(text)
      if (section === 'excerpt') {
        const closing = inExcerpt(text)
        return closing.kind === 'none' ? outside(text) : closing
      }
      return outside(text)
    },
    inBlock: () => section === 'block',
    idle: () => section === 'none' && title === null,
    reset() {
      section = 'none'
      title = null
    },
  }
}

/** The builder's closing error in the wordings of buildx, compose and older clients (log-formats: "Final error line"). */
export function isFinalError(text: string): boolean {
  return isQuotedFinalError(text) || (finalBeginnings.has(text.charCodeAt(0)) && finalError.test(text))
}

/** In the builder's own words, which no program under test would print. */
export function isSureFinalError(text: string): boolean {
  return sure.test(text)
}

/** Behind words of whoever ran the builder: compose, a script, a log library, a page with a mark before each error. */
function isQuotedFinalError(text: string): boolean {
  if (!/failed to solve|did not complete success|executor failed run|' failed to build/.test(text)) return false
  return quotedFinalError.test(text)
}

// E, b, e, f, p, t
const finalBeginnings = new Set([69, 98, 101, 102, 112, 116])

const sure =
  /^(?:buildx(?: bake)?(?: call)? failed with: )?(?:(?:ERROR|Error|error): )?(?:target [^:]{1,100}: )?(?:failed to solve\b|failed to build: )|^(?:ERROR: )?process ".*" did not complete successfully: exit code: \d+$|^executor failed running \[.*\]: exit code: \d+/

const quotedFinalError =
  /^(?!\d+\.\d).{0,200}?[:"\])=-] ?(?:failed to solve(?: with frontend [\w.]{1,60})?: |process "\/.{1,4000}" did not complete successfully: exit code: \d|executor failed running \[\/)|^(?:ERROR: )?Service '[^']{1,100}' failed to build ?: Build failed/

const finalError = new RegExp(
  `${sure.source}|^(?:(?:ERROR|Error|error): )?(?:target [^:]{1,100}: )?(?:failed to find target |failed to receive status: |failed to parse docker-|bake: )|^ERROR: (?:Canceled|context canceled|resolve : |unable to prepare context|failed to |invalid |multiple platforms|Multi-platform|Cache export|cache export|docker exporter|OCI exporter|tag is needed|no builder|no valid drivers|listing workers|Cannot connect|Docker |BuildKit |the --|unknown |target |process "\\/?.+"$)`,
)

const blockName =
  /^ ?> ((?:\[[^\]]*\] )?(?:(?:RUN|COPY|ADD|WORKDIR|FROM) |\/bin\/sh -c |load (?:metadata|build) |booting |exporting (?:to|cache) |importing cache |resolve image ).*?):\s*$/

const excerptRule = /^-{20,}$/

/** `3.214 ` from v0.12 on, `#9 3.214 ` before. */
export const blockPrefix = /^(?:#\d+ )?\d+\.\d{1,3} /
