import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import type { Expectations } from './expectations.ts'
import { type Mistake, quote, type Report } from './problems.ts'
import { remediesExpectations, remediesSchema } from './remedies.ts'
import { channelSchema, commandSchema, cronSchema, repositorySchema } from './settings.ts'

/** The optional configuration file: what does not fit into a variable. Secrets are not among it. */
const fileSchema = z.strictObject({
  channel: channelSchema.optional(),
  command: commandSchema.optional(),
  runbooks: z.array(z.string().min(1)).optional(),
  poll: cronSchema.optional(),
  watch: z
    .array(
      z.strictObject({
        repository: repositorySchema,
        channel: channelSchema.optional(),
        branches: z.array(z.string().min(1)).min(1).optional(),
        workflows: z.array(z.string().min(1)).min(1).optional(),
        poll: z.boolean().optional(),
        checks: z.boolean().optional(),
      }),
    )
    .optional(),
  remedies: remediesSchema.optional(),
})

export type ConfigFile = z.infer<typeof fileSchema>

const expectations: Expectations = {
  channel: { expected: 'a channel as "#name" or its id', example: 'channel: "#builds"' },
  command: { expected: 'a slash and up to 31 lower-case letters, digits, "-" or "_"', example: 'command: /cache' },
  runbooks: { expected: 'a list of folders', example: 'runbooks: [ops/runbooks]' },
  watch: { expected: 'a list of repositories', example: 'watch: [{ repository: acme/web }]' },
  'watch.repository': { expected: 'a repository as owner/name', example: 'repository: acme/web' },
  'watch.channel': { expected: 'a channel as "#name" or its id', example: 'channel: "#web-builds"' },
  'watch.branches': {
    expected: 'a list of branches, "*" stands for any text',
    example: 'branches: [main, "release/*"]',
  },
  'watch.workflows': { expected: 'a list of workflow names, "*" stands for any text', example: 'workflows: [CI]' },
  'watch.poll': { expected: 'true or false', example: 'poll: true' },
  'watch.checks': { expected: 'true or false', example: 'checks: true' },
  poll: { expected: 'a cron expression', example: 'poll: "*/2 * * * *"' },
  ...remediesExpectations,
}

type Source = { name: string; text: string }

/** Reads the file's text; every mistake is reported with its line, and then the answer is null. */
export function readConfigFile(
  { name, text }: Source,
  report: Report,
  hide: (text: string) => string,
): ConfigFile | null {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  for (const error of document.errors) {
    const where = `${name}:${counter.linePos(error.pos[0]).line}`
    report({ where, found: `something else (${error.code})`, expected: 'YAML', example: 'channel: "#builds"' })
  }
  if (document.errors.length > 0) return null
  const content = contentOf(document)
  if (content === null) {
    report({ where: `${name}:1`, found: 'aliases that stand for too much', expected: 'each value written out' })
    return null
  }
  const parsed = fileSchema.safeParse(content)
  if (parsed.success) return parsed.data

  const lineOf = (path: PropertyKey[]) => `${name}:${lineAt(document, counter, path)}`
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report(unknownKey(lineOf([...issue.path, key]), issue.path, hide(key)))
    } else {
      report({ where: lineOf(issue.path), found: quote(at(content, issue.path), hide), ...expectationOf(issue) })
    }
  }
  return null
}

/** Null when its aliases (`*name`) make too much or endless values of it. */
function contentOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    const content: unknown = document.toJS({ maxAliasCount: 20 }) ?? {}
    JSON.stringify(content)
    return content
  } catch {
    return null
  }
}

function unknownKey(where: string, path: PropertyKey[], key: string) {
  const block = nameOf(path)
  const before = block === '' ? '' : `${block}.`
  const known = Object.keys(expectations).flatMap((name) =>
    name.startsWith(before) && !name.slice(before.length).includes('.') ? [name.slice(before.length)] : [],
  )
  const names = known.join(', ')
  return { where, found: `the key "${key}"`, expected: `one of ${names} (secrets belong in the environment)` }
}

/** What a rule says by itself, or else what belongs there. */
function expectationOf(issue: z.core.$ZodIssue): Pick<Mistake, 'expected' | 'example'> {
  const own = issue.code === 'custom' ? ownExpectation.safeParse(issue.params) : null
  return own?.success
    ? own.data
    : (expectations[nameOf(issue.path)] ?? { expected: 'keys with values', example: 'channel: "#builds"' })
}

const ownExpectation = z.object({ expected: z.string(), example: z.string().optional() })

/** `watch.0.branches.1` is explained by `watch.branches`, `runbooks.2` by `runbooks`. */
function nameOf(path: PropertyKey[]): string {
  return path.filter((part) => typeof part === 'string').join('.')
}

function lineAt(document: ReturnType<typeof parseDocument>, counter: LineCounter, path: PropertyKey[]): number {
  const parent = document.getIn(path.slice(0, -1), true)
  const key = isMap(parent)
    ? parent.items.find((pair) => isScalar(pair.key) && pair.key.value === path.at(-1))?.key
    : null
  const node = key ?? document.getIn(path, true)
  if (isNode(node) && node.range) return counter.linePos(node.range[0]).line
  // What is missing has no line of its own: then that of what should hold it.
  return path.length === 0 ? 1 : lineAt(document, counter, path.slice(0, -1))
}

function at(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value)
}
