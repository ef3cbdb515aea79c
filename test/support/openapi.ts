import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { RecordedRequest } from '../../src/playground/github.ts'

/**
 * GitHub's published OpenAPI description of api.github.com, as a judge of what the bot asks and of what our local
 * GitHub answers and sends. Read once per test file: it is 13 MB.
 */
type Description = {
  paths: Record<string, Record<string, Operation>>
  'x-webhooks': Record<string, { post: { requestBody: { content: Record<string, { schema: object }> } } }>
  components: {
    schemas: Record<string, object>
    parameters: Record<string, Parameter>
    responses: Record<string, ResponseObject>
  }
}
type Operation = {
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: { content?: Record<string, { schema: object }> }
  responses: Record<string, ResponseObject | { $ref: string }>
}
type Parameter = { name: string; in: string; schema: object }
type ResponseObject = { content?: Record<string, { schema: object }> }

export type GithubDescription = {
  /** What is wrong with these requests and answers, as lines; empty when all is as described. */
  problemsOf(requests: RecordedRequest[]): string[]
  /** What is wrong with a webhook's body, as lines. `event` as in X-GitHub-Event. */
  problemsOfWebhook(event: string, payload: { action?: string }): string[]
}

export function githubDescription(): GithubDescription {
  const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json')
  const description: Description = JSON.parse(readFileSync(file, 'utf8'))
  const validate = schemaChecker(description)
  return {
    problemsOf: (requests) =>
      requests
        .filter(({ to }) => to === 'api')
        .flatMap((request) =>
          problemsOfRequest(description, validate, request).map(
            (problem) => `${request.method} ${request.path}: ${problem}`,
          ),
        ),
    problemsOfWebhook(event, payload) {
      const name = [event, payload.action].filter(Boolean).join('-').replaceAll('_', '-')
      const schema = description['x-webhooks'][name]?.post.requestBody.content['application/json']?.schema
      return schema === undefined ? [`GitHub sends no webhook ${name}`] : validate(schema, payload)
    },
  }
}

type Check = (schema: object, value: unknown) => string[]

function problemsOfRequest(description: Description, check: Check, request: RecordedRequest): string[] {
  const found = findOperation(description, request)
  if (found === null) return ['GitHub has no such path and method']
  const parameters = (found.operation.parameters ?? []).map((each) => resolve(description, each) as Parameter)
  const inQuery = new Map(parameters.filter((each) => each.in === 'query').map((each) => [each.name, each.schema]))
  const unknown = Object.entries(request.query).flatMap(([name, value]) => {
    const schema = inQuery.get(name)
    if (schema === undefined) return [`query parameter ${name} is unknown to GitHub`]
    return check(schema, asDeclared(schema, name, value)).map((problem) => `query ${name}=${value}: ${problem}`)
  })
  const body = problemsOfBody(check, found.operation, request)
  return [...unknown, ...body, ...problemsOfAnswer(description, check, found.operation, request)]
}

function problemsOfBody(check: Check, operation: Operation, { sent }: RecordedRequest): string[] {
  const schema = operation.requestBody?.content?.['application/json']?.schema
  if (sent === undefined || sent === null) return []
  if (schema === undefined) return ['GitHub wants no body here']
  const known = 'properties' in schema ? Object.keys(schema.properties as object) : []
  const unknown = Object.keys(sent).filter((name) => !known.includes(name))
  return [
    ...unknown.map((name) => `body: ${name} is unknown to GitHub`),
    ...check(schema, sent).map((problem) => `body: ${problem}`),
  ]
}

function problemsOfAnswer(
  description: Description,
  check: Check,
  operation: Operation,
  request: RecordedRequest,
): string[] {
  // Refusals, outages and "not modified" are answers any path may give.
  if (request.status === 304 || request.status >= 400) return []
  const response = operation.responses[String(request.status)]
  if (response === undefined) return [`GitHub does not answer ${request.status} here`]
  const { content } = resolve(description, response) as ResponseObject
  // Some answers have another form when it is asked for: `application/vnd.github.object+json`.
  const form = request.headers.accept?.replace(/(?:\.v3)?\+json$/, '') ?? ''
  const schema = (content?.[form] ?? content?.['application/json'])?.schema
  return schema === undefined ? [] : check(schema, request.answer).map((problem) => `answer: ${problem}`)
}

function findOperation(description: Description, request: RecordedRequest): { operation: Operation } | null {
  for (const [template, operations] of Object.entries(description.paths)) {
    const pattern = new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)
    const operation = operations[request.method.toLowerCase()]
    if (operation !== undefined && pattern.test(request.path)) return { operation }
  }
  return null
}

/** Query values are text; the description speaks of integers and booleans. `created` is called a date-time there but takes a range. */
function asDeclared(schema: object, name: string, value: string): unknown {
  const type = 'type' in schema ? schema.type : 'string'
  if (name === 'created') return value.split('..')[0]?.replace(/^>=/, '')
  if (type === 'integer') return Number(value)
  return type === 'boolean' ? value === 'true' : value
}

function resolve(description: Description, value: object): object {
  if (!('$ref' in value)) return value
  return String(value.$ref)
    .slice(2)
    .split('/')
    .reduce((inside: unknown, key) => (inside as Record<string, unknown>)[key], description) as object
}

/** OpenAPI 3.0 schemas are JSON schema but for `nullable`, which ajv knows, and a few words it may ignore. */
function schemaChecker(description: Description): Check {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true })
  addFormats.default(ajv)
  const known = new Map<string, ValidateFunction>()
  return (schema, value) => {
    const key = JSON.stringify(schema)
    const validate = known.get(key) ?? ajv.compile(standalone(description, schema))
    known.set(key, validate)
    if (validate(value)) return []
    return (validate.errors ?? []).slice(0, 10).map((error) => `${error.instancePath || 'it'} ${error.message}`)
  }
}

/** The schema with every schema it refers to inside, so that ajv need not read all of GitHub. */
function standalone(description: Description, schema: object): object {
  const definitions: Record<string, unknown> = {}
  const localise = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(localise)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(nullInEnum(nullOfAnyType(value))).map(([key, inner]) => {
        const name =
          key === '$ref' && typeof inner === 'string' ? /^#\/components\/schemas\/(.+)$/.exec(inner)?.[1] : undefined
        if (name === undefined) return [key, localise(inner)]
        if (!(name in definitions)) {
          definitions[name] = {}
          definitions[name] = localise(description.components.schemas[name])
        }
        return [key, `#/definitions/${name}`]
      }),
    )
  }
  const root = localise(schema)
  return { ...(root as object), definitions }
}

/** ajv wants to know of which type the value is that may also be null; the description says so by reference at times. */
function nullOfAnyType(schema: object): object {
  if (!('nullable' in schema) || 'type' in schema || typeof schema.nullable !== 'boolean') return schema
  const { nullable, ...rest } = schema
  return nullable ? { anyOf: [rest, { enum: [null] }] } : rest
}

/** GitHub's description marks some enums nullable without listing null, e.g. the conclusion of a run in progress. */
function nullInEnum(schema: object): object {
  if (!('nullable' in schema && 'enum' in schema && Array.isArray(schema.enum)) || schema.nullable !== true)
    return schema
  return { ...schema, enum: [...new Set([...schema.enum, null])] }
}
