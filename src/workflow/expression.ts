import type { Value } from './workflow.ts'

/**
 * GitHub's expressions, as far as they can be told without a run. `undefined` is "not known"; a lookup gives it for what
 * it does not know, and `null` for what is known to be empty.
 */
export type Lookup = (path: string[]) => Value | undefined

export function evaluate(expression: string, lookup: Lookup): Value | undefined {
  // Longer ones are nobody's writing, and every bracket is a level of our own stack.
  if (expression.length > 4000) return undefined
  const reader: Reader = { tokens: tokensOf(expression), at: 0, lookup }
  if (reader.tokens.filter((token) => token === '(' || token === '!' || token === '[').length > 200) return undefined
  const value = readOr(reader)
  return reader.at < reader.tokens.length ? undefined : value
}

/** Fills in every `${{ … }}` whose value is known; the others stay as written. */
export function resolveText(text: string, lookup: Lookup): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (written, inner: string) => {
    const value = evaluate(inner, lookup)
    return value === undefined || (typeof value === 'object' && value !== null) ? written : asText(value)
  })
}

/** Of an `if:`, which may leave out the braces. */
export function evaluateCondition(text: string, lookup: Lookup): boolean | undefined {
  const bare = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(text)?.[1] ?? text
  const value = evaluate(bare, lookup)
  return value === undefined ? undefined : isTrue(value)
}

export function isTrue(value: Value): boolean {
  return value !== null && value !== false && value !== 0 && value !== ''
}

type Reader = { tokens: string[]; at: number; lookup: Lookup }
type Known = Value | undefined

function tokensOf(text: string): string[] {
  return text.match(/'(?:[^']|'')*'|[A-Za-z_][\w-]*|\d+(?:\.\d+)?|&&|\|\||==|!=|<=|>=|\S/g) ?? []
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at] !== token) return false
  reader.at++
  return true
}

function readOr(reader: Reader): Known {
  let left = readAnd(reader)
  while (take(reader, '||')) {
    const right = readAnd(reader)
    if (left !== undefined) left = isTrue(left) ? left : right
  }
  return left
}

function readAnd(reader: Reader): Known {
  let left = readComparison(reader)
  while (take(reader, '&&')) {
    const right = readComparison(reader)
    // What is not known cannot make a false one true.
    if (left === undefined) left = right !== undefined && !isTrue(right) ? right : undefined
    else if (isTrue(left)) left = right
  }
  return left
}

function readComparison(reader: Reader): Known {
  const left = readNot(reader)
  for (const operator of ['==', '!=', '<=', '>=', '<', '>']) {
    if (!take(reader, operator)) continue
    const right = readNot(reader)
    if (left === undefined || right === undefined || !/[=]=|!=/.test(operator)) return undefined
    return sameValue(left, right) === (operator === '==')
  }
  return left
}

function readNot(reader: Reader): Known {
  if (!take(reader, '!')) return readOperand(reader)
  const value = readNot(reader)
  return value === undefined ? undefined : !isTrue(value)
}

function readOperand(reader: Reader): Known {
  if (take(reader, '(')) {
    const value = readOr(reader)
    take(reader, ')')
    return value
  }
  const token = reader.tokens[reader.at++] ?? ''
  if (token.startsWith("'") && token.length > 1) return token.slice(1, -1).replaceAll("''", "'")
  if (/^\d/.test(token)) return Number(token)
  if (token === 'true' || token === 'false') return token === 'true'
  if (token === 'null') return null
  if (!/^[A-Za-z_]/.test(token)) return undefined
  return take(reader, '(') ? readCall(reader, token) : readPath(reader, token)
}

function readPath(reader: Reader, head: string): Known {
  const path = [head]
  let known = true
  for (;;) {
    if (take(reader, '.')) path.push(reader.tokens[reader.at++] ?? '')
    else if (take(reader, '[')) {
      const key = readOr(reader)
      take(reader, ']')
      if (typeof key === 'string' || typeof key === 'number') path.push(String(key))
      else known = false
    } else return known ? reader.lookup(path) : undefined
  }
}

function readCall(reader: Reader, name: string): Known {
  const values: Known[] = []
  while (reader.at < reader.tokens.length && !take(reader, ')')) {
    values.push(readOr(reader))
    if (!take(reader, ',') && reader.tokens[reader.at] !== ')') reader.at++
  }
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length ? call(name.toLowerCase(), known) : undefined
}

function call(name: string, values: Value[]): Known {
  const [first = null, second = null] = values
  const [text, part] = [asText(first).toLowerCase(), asText(second).toLowerCase()]
  switch (name) {
    case 'contains':
      return Array.isArray(first) ? first.some((item) => sameValue(item, second)) : text.includes(part)
    case 'startswith':
      return text.startsWith(part)
    case 'endswith':
      return text.endsWith(part)
    case 'format':
      return asText(first).replace(/\{(\d+)\}/g, (_, index: string) => asText(values[Number(index) + 1] ?? null))
    // A step that is reached in a run that goes well.
    case 'success':
    case 'always':
      return true
    case 'failure':
    case 'cancelled':
      return false
    default:
      return undefined
  }
}

/** Loosely, and without case, as GitHub compares. */
function sameValue(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left.toLowerCase() === right.toLowerCase()
  if (typeof left === typeof right) return left === right
  return Number(left ?? 0) === Number(right ?? 0)
}

function asText(value: Value): string {
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}
