import { globSync, readFileSync } from 'node:fs'
import { Octokit } from 'octokit'
import { describe, expect, test } from 'vitest'
import { appPermissions, permissions } from '../../src/github/permissions.ts'

/** What a library asks GitHub on our behalf when one of its functions is called. */
const askedByLibraries: Record<string, string> = {
  getInstallationOctokit: 'POST /app/installations/{installation_id}/access_tokens',
  createDeviceCode: 'POST /login/device/code',
  exchangeDeviceCode: 'POST /login/oauth/access_token',
}

describe('the table of permissions', () => {
  const sources = globSync('src/github/*.ts')
    .filter((file) => !file.endsWith('permissions.ts'))
    .map((file) => readFileSync(file, 'utf8'))
  const used = new Set(sources.flatMap(endpointsIn))

  test('has every address of GitHub that the source asks, and no other', () => {
    expect(used.size).toBeGreaterThan(30)
    expect([...used].toSorted()).toEqual(Object.keys(permissions).toSorted())
  })

  test('sees calls that are written in any of our ways', () => {
    expect(endpointsIn('(await rest.repos.get(place)).data')).toEqual(['GET /repos/{owner}/{repo}'])
    expect(endpointsIn("path: '/repos/{owner}/{repo}/x/{id}'")).toEqual(['GET /repos/{owner}/{repo}/x/{id}'])
    expect(endpointsIn("octokit.request('POST /repos/{owner}/{repo}/x')")).toEqual(['POST /repos/{owner}/{repo}/x'])
    expect(() => endpointsIn('rest.actions.noSuchThing(')).toThrow('noSuchThing')
  })

  test('only src/github talks to GitHub', () => {
    const others = globSync('{src,commands}/**/*.ts').filter((file) => !file.startsWith('src/github/'))
    const imports = /from '(?:octokit|@octokit\/[^']+)'/
    expect(others.filter((file) => imports.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('asks an App for five permissions, two of them to write', () => {
    expect(appPermissions()).toEqual({
      Actions: 'write',
      Checks: 'write',
      Contents: 'read',
      Metadata: 'read',
      'Pull requests': 'read',
    })
  })

  test('whatever is not a GET takes a permission to write, or none of the App at all', () => {
    const writes = Object.entries(permissions).filter(([endpoint]) => !endpoint.startsWith('GET '))
    expect(writes.length).toBeGreaterThan(5)
    expect(writes.filter(([, needed]) => /read$/.test(needed))).toEqual([])
  })
})

/** Addresses that a source file names: by octokit's methods, as text, and through libraries. */
function endpointsIn(source: string): string[] {
  const octokit = new Octokit()
  const methods = [...source.matchAll(/\brest\s*\.(\w+)\s*\.(\w+)\b/g)].map(([call, group = '', name = '']) => {
    const method = (octokit.rest as unknown as Record<string, Record<string, Method> | undefined>)[group]?.[name]
    if (method === undefined) throw new Error(`octokit has no ${call}`)
    const { method: verb, url } = method.endpoint.DEFAULTS
    return `${verb} ${url}`
  })
  const texts = [...source.matchAll(/'((?:GET|POST|PUT|PATCH|DELETE) \/[^']*)'/g)].map(([, text = '']) => text)
  const paths = [...source.matchAll(/\bpath: '(\/repos\/[^']*)'/g)].map(([, path]) => `GET ${path}`)
  const libraries = Object.entries(askedByLibraries).flatMap(([name, endpoint]) =>
    source.includes(`${name}(`) ? [endpoint] : [],
  )
  return [...methods, ...texts, ...paths, ...libraries]
}

type Method = { endpoint: { DEFAULTS: { method: string; url: string } } }
