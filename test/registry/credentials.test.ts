import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loginsFrom, loginsOfDocker } from '../../src/registry/credentials.ts'
import { loginIn, readDockerConfig } from '../../src/registry/docker-config.ts'

const auth = (text: string) => Buffer.from(text).toString('base64')
const password = (username: string, secret: string) => ({ kind: 'password', username, password: secret })

describe('a login in config.json', () => {
  test.each([
    ['as base64', 'ghcr.io', { 'ghcr.io': { auth: auth('me:pass:word') } }, password('me', 'pass:word')],
    ['of Docker Hub', 'docker.io', { 'https://index.docker.io/v1/': { auth: auth('me:x') } }, password('me', 'x')],
    ['of Docker Hub by its short name', 'docker.io', { 'docker.io': { auth: auth('me:x') } }, password('me', 'x')],
    ['under an address', 'ghcr.io', { 'https://ghcr.io/v2/': { auth: auth('me:x') } }, password('me', 'x')],
    ['with a port', 'localhost:5000', { 'localhost:5000': { auth: auth('me:x') } }, password('me', 'x')],
    ['in two fields', 'ghcr.io', { 'ghcr.io': { username: 'me', password: 'x' } }, password('me', 'x')],
    [
      'as a token of identity',
      'ghcr.io',
      { 'ghcr.io': { auth: auth('me:x'), identitytoken: 'i' } },
      { kind: 'identity', token: 'i' },
    ],
    ['as a token of access', 'ghcr.io', { 'ghcr.io': { registrytoken: 'r' } }, { kind: 'access', token: 'r' }],
    ['of another host', 'ghcr.io', { 'evil-ghcr.io': { auth: auth('me:x') } }, null],
    ['of another port', 'localhost:5000', { 'localhost:5001': { auth: auth('me:x') } }, null],
    ['without a colon', 'ghcr.io', { 'ghcr.io': { auth: auth('me') } }, null],
    ['that is empty', 'ghcr.io', { 'ghcr.io': {} }, null],
  ])('%s', (_, registry, auths, login) => {
    const config = readDockerConfig(JSON.stringify({ auths }))
    expect(config && loginIn(config, registry)).toEqual(login)
  })

  test.each(['', '[]', '{"auths":[]}', '{"auths":{"x":1}}', 'null'])('%s is no such file', (text) => {
    expect(readDockerConfig(text)).toBeNull()
  })
})

describe('credential helpers', () => {
  let folder = ''
  const before = process.env.PATH
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'layerwise-docker-'))
    process.env.PATH = `${folder}${delimiter}${before}`
    helper('good', 'read server; printf \'{"Username":"me","Secret":"for %s"}\' "$server"')
    helper('token', 'printf \'{"Username":"<token>","Secret":"identity"}\'')
    helper('empty', 'echo "credentials not found in native keychain"; exit 1')
    helper('broken', 'echo "half a secret"; exit 3')
    helper('babbling', 'echo "no json: hunter2"')
    helper('endless', 'while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done')
    helper('hanging', 'sleep 60')
  })
  afterAll(() => {
    process.env.PATH = before
    rmSync(folder, { recursive: true })
  })

  function helper(name: string, script: string) {
    const file = join(folder, `docker-credential-${name}`)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
  }
  const find = (config: object, registry = 'ghcr.io') => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    return loginsOfDocker(null, folder, 500)(registry)
  }

  test('is asked for the registry that it keeps', async () => {
    expect(await find({ credHelpers: { 'ghcr.io': 'good' } })).toEqual({
      login: password('me', 'for ghcr.io'),
      trouble: null,
    })
    expect(await find({ credsStore: 'good' }, 'docker.io')).toMatchObject({
      login: { password: 'for https://index.docker.io/v1/' },
    })
    expect(await find({ credHelpers: { 'ghcr.io': 'good' }, credsStore: 'broken' })).toMatchObject({ trouble: null })
  })

  test('may hand over a token of identity', async () => {
    expect(await find({ credsStore: 'token' })).toEqual({
      login: { kind: 'identity', token: 'identity' },
      trouble: null,
    })
  })

  test('none runs for a registry that it is not named for', async () => {
    expect(await find({ credHelpers: { 'ghcr.io': 'broken' } }, 'quay.io')).toEqual({ login: null, trouble: null })
  })

  test.each([
    ['empty', null],
    ['broken', 'docker-credential-broken ended with status 3'],
    ['babbling', 'docker-credential-babbling did not answer in JSON'],
    ['endless', 'docker-credential-endless said more than a login'],
    ['hanging', 'docker-credential-hanging did not answer within 0.5 s'],
    ['nowhere', 'docker-credential-nowhere is not on the PATH'],
    ['../../bin/sh', 'its credential helper has an impossible name'],
  ])('%s: an image may be public all the same', async (name, trouble) => {
    expect(await find({ credsStore: name })).toEqual({ login: null, trouble })
  })

  test('what the environment holds wins, and asks no helper', async () => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ credsStore: 'hanging' }))
    const given = readDockerConfig(JSON.stringify({ auths: { 'ghcr.io': { auth: auth('env:x') } } }))
    expect(await loginsOfDocker(given, folder)('ghcr.io')).toMatchObject({ login: { username: 'env' } })
  })

  test('a file that is none is told of, none at all is not', async () => {
    writeFileSync(join(folder, 'config.json'), 'x')
    expect((await loginsOfDocker(null, folder)('ghcr.io')).trouble).toMatch(
      /config.json is not a configuration of Docker/,
    )
    expect(await loginsOfDocker(null, join(folder, 'nowhere'))('ghcr.io')).toEqual({ login: null, trouble: null })
  })
})

test('the bot starts no helper, whatever it was given', async () => {
  const given = readDockerConfig(JSON.stringify({ credsStore: 'desktop', auths: { 'ghcr.io': {} } }))
  expect(await loginsFrom(given)('ghcr.io')).toEqual({ login: null, trouble: null })
  expect(await loginsFrom(null)('ghcr.io')).toEqual({ login: null, trouble: null })
})
