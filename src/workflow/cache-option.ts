/** One `--cache-from` or `--cache-to`, as buildx reads it (docker/buildx `util/buildflags/cache.go`). */
export type CacheOption = {
  type: 'gha' | 'registry' | 'local' | 'inline' | 's3' | 'azblob' | 'other'
  scope: string | null
  ref: string | null
  mode: string | null
  ignoreError: boolean
  src: string | null
  dest: string | null
  /** as written */
  text: string
  line: number
  /** an expression decides whether it is there */
  conditional: boolean
}

export function readCacheOption(written: string, line: number): CacheOption {
  const conditional = wholeExpression.test(written)
  const text = conditional ? (quotedOption.exec(written)?.[1] ?? '') : written
  const fields = cacheFields(text)
  const type = fields.get('type') ?? ''
  return {
    type: types.find((known) => known === type) ?? 'other',
    scope: fields.get('scope') || null,
    ref: fields.get('ref') || null,
    mode: fields.get('mode') ?? null,
    ignoreError: fields.get('ignore-error') === 'true',
    src: fields.get('src') ?? null,
    dest: fields.get('dest') ?? null,
    text: written,
    line,
    conditional,
  }
}

/** `type=gha,scope=web` by name; names in any case. A lone word is an image to read from. */
export function cacheFields(text: string): Map<string, string> {
  const parts = splitCommas(text).map((part) => part.trim())
  if (parts.every((part) => !part.includes('=')))
    return parts[0]
      ? new Map([
          ['type', 'registry'],
          ['ref', parts[0]],
        ])
      : new Map()
  const pairs = parts
    .filter((part) => part !== '')
    .map((part): [string, string] => {
      const [name = '', ...value] = part.split('=')
      return [name.trim().toLowerCase(), value.join('=').trim()]
    })
  return new Map(pairs)
}

/** At commas outside of quotes and `${{ … }}`, in which functions have some. */
export function splitCommas(text: string): string[] {
  const parts = text.match(/(?:\$\{\{.*?\}\}|"(?:[^"]|"")*"|[^,])+/gs) ?? []
  return parts.map((part) => part.replace(/^(\s*)"(.*)"(\s*)$/s, '$1$2$3').replaceAll('""', '"'))
}

const types = ['gha', 'registry', 'local', 'inline', 's3', 'azblob'] as const

/** `${{ github.ref == 'refs/heads/main' && 'type=gha,mode=max' || '' }}` */
const quotedOption = /['"](type=[^'"]*)['"]/

/** Nothing but a variable or an expression, of GitHub, the shell or HCL. */
const wholeExpression = /^(?:\$\{\{(?:(?!\}\}).)*\}\}|\$\w+|\$\{(?!\{)[^}]*\})$/s
