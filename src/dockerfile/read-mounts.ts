import type { Mount, Source } from './dockerfile.ts'

/** `--mount=type=cache,target=/root/.npm` (`parseMount` in BuildKit's `instructions/commands_runmount.go`). */
export function readMount(value: string, sourceOf: (from: string) => Source): Mount | null {
  const fields = new Map<string, string>()
  for (const field of csvFields(value)) {
    const equals = field.indexOf('=')
    const key = (equals === -1 ? field : field.slice(0, equals)).trim().toLowerCase()
    fields.set(sameKey[key] ?? key, equals === -1 ? 'true' : field.slice(equals + 1))
  }
  const type = (fields.get('type') ?? 'bind').toLowerCase()
  if (!isType(type)) return null
  const from = fields.get('from')
  return {
    type,
    target: fields.get('target') ?? null,
    source: fields.get('source') ?? '/',
    from: from === undefined || from === '' ? null : sourceOf(from),
    id: fields.get('id') ?? null,
    readWrite: isReadWrite(type, fields),
  }
}

const types = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const satisfies Mount['type'][]

const sameKey: Record<string, string | undefined> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
}

function isType(type: string): type is Mount['type'] {
  return types.some((known) => known === type)
}

/** Bind, secret and ssh are read-only unless they say otherwise. */
function isReadWrite(type: Mount['type'], fields: Map<string, string>): boolean {
  const writes = fields.get('readwrite')
  const reads = fields.get('readonly')
  if (writes !== undefined) return writes !== 'false'
  if (reads !== undefined) return reads === 'false'
  return type === 'cache' || type === 'tmpfs'
}

/** Commas part the fields, except in double quotes. */
function csvFields(value: string): string[] {
  const fields = ['']
  let quoted = false
  for (const char of value) {
    if (char === '"') quoted = !quoted
    else if (char === ',' && !quoted) fields.push('')
    else fields[fields.length - 1] += char
  }
  return fields
}
