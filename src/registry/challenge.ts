/** What a registry asks for with a 401: RFC 9110 section 11.6.1. */
export type Challenge =
  | { kind: 'bearer'; realm: string; service: string | null }
  | { kind: 'basic' }
  | { kind: 'unknown'; schemes: string[] }

/** Reads a `WWW-Authenticate` header, of several challenges the one we can answer best. */
export function readChallenge(header: string): Challenge {
  const found = challengesIn(header.slice(0, longest))
  const bearer = found.find(({ scheme, params }) => scheme === 'bearer' && params.has('realm'))
  if (bearer)
    return { kind: 'bearer', realm: bearer.params.get('realm') ?? '', service: bearer.params.get('service') ?? null }
  if (found.some(({ scheme }) => scheme === 'basic')) return { kind: 'basic' }
  return { kind: 'unknown', schemes: found.map(({ scheme }) => scheme) }
}

const longest = 8_192

function challengesIn(header: string): { scheme: string; params: Map<string, string> }[] {
  const found: { scheme: string; params: Map<string, string> }[] = []
  const piece = /[\s,]*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]*)))?/y
  for (let match = piece.exec(header); match; match = piece.exec(header)) {
    const [, name = '', quoted, bare] = match
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare
    if (value === undefined) found.push({ scheme: name.toLowerCase(), params: new Map() })
    else found.at(-1)?.params.set(name.toLowerCase(), value)
  }
  return found
}
