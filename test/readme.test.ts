import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildSummarySchema, causeSchema, explanationSchema } from '../src/diagnosis/explanation.ts'
import { withConfigTable } from './support/config-table.ts'

const readme = readFileSync('README.md', 'utf8')
const map = readFileSync('src/README.md', 'utf8')

describe('the contract of `layerwise debug --json` in the README', () => {
  test.each([
    { title: 'Explanation', schema: explanationSchema },
    { title: 'Cause', schema: causeSchema },
    { title: 'BuildSummary', schema: buildSummarySchema },
  ])('names exactly the fields of $title, in their order', ({ title, schema }) => {
    expect(documentedFields(title)).toEqual(fieldsOf(schema))
  })

  test('names every value of every enumeration', () => {
    const contract = section('The object of `--json`')
    const values = [explanationSchema, causeSchema, buildSummarySchema].flatMap(enumerated)
    expect(values.length).toBeGreaterThan(40)
    expect(values.filter((value) => !contract.includes(`\`${value}\``))).toEqual([])
  })
})

test('the table of settings is the one the code makes: npm run docs', () => {
  expect(readme).toBe(withConfigTable(readme))
})

test('CI installs and tests with the command of the README', () => {
  const [command] = /```console\n(.+)\n```/.exec(section('Tests'))?.slice(1) ?? []
  const script = readFileSync('.ci/run', 'utf8')
  const commands = script.split('\n').filter((line) => line.startsWith('npm '))
  expect(commands.join(' && ')).toBe(command)
})

test('every file of ours that the README links to is there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '')
  expect(links.filter((path) => !isThere(path))).toEqual([])
})

describe('the map in src/README.md', () => {
  test('names every folder of src, and only those', () => {
    const named = [...map.matchAll(/^\| `([a-z-]+)\/` \|/gm)].map(([, name]) => name)
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(named.toSorted()).toEqual(folders.map((entry) => entry.name).toSorted())
  })

  test('says of every dependency what it is for, and of nothing else', () => {
    const { dependencies } = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')))
    const table = map.slice(map.indexOf('## What we did not write'))
    const named = [...table.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    )
    expect(named.toSorted()).toEqual(Object.keys(dependencies).toSorted())
  })
})

/** `steps[].name` for every field, also of objects inside; a Cause or BuildSummary inside has its own table. */
function fieldsOf(schema: z.ZodObject, prefix = ''): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const { inner, list } = unwrap(field)
    const path = `${prefix}${name}`
    if (!(inner instanceof z.ZodObject)) return [path]
    if (inner === causeSchema || inner === buildSummarySchema) return [path]
    const below = fieldsOf(inner, `${path}${list ? '[]' : ''}.`)
    return name === 'source' ? below : [path, ...below]
  })
}

function enumerated(schema: z.ZodObject): string[] {
  return Object.values(schema.shape).flatMap((field) => {
    const { inner } = unwrap(field)
    if (inner instanceof z.ZodEnum) return inner.options.map(String)
    return inner instanceof z.ZodObject ? enumerated(inner) : []
  })
}

function unwrap(field: unknown): { inner: unknown; list: boolean } {
  if (field instanceof z.ZodDefault) return unwrap(field.unwrap())
  if (field instanceof z.ZodNullable) return unwrap(field.unwrap())
  if (field instanceof z.ZodArray) return { inner: unwrap(field.element).inner, list: true }
  return { inner: field, list: false }
}

function documentedFields(title: string): string[] {
  return [...section(title).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '')
}

/** From a heading to the next of its level or above. */
function section(title: string): string {
  const lines = readme.split('\n')
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === title)
  if (start === -1) throw new Error(`the README has no section "${title}"`)
  const level = lines[start]?.indexOf(' ') ?? 0
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level)
  return lines.slice(start, length === -1 ? undefined : start + 1 + length).join('\n')
}

function isThere(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}
