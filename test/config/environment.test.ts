import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { environment } from '../../src/config.ts'

const before = process.cwd()
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerwise-env-'))
  process.chdir(folder)
})
afterEach(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
  delete process.env.LAYERWISE_TEST_OLD
  delete process.env.LAYERWISE_TEST_NEW
})

test('a .env file adds to the environment and changes nothing in it', () => {
  process.env.LAYERWISE_TEST_OLD = 'from outside'
  writeFileSync('.env', 'LAYERWISE_TEST_OLD=from the file\nLAYERWISE_TEST_NEW="#builds"\n')
  expect(environment()).toMatchObject({ LAYERWISE_TEST_OLD: 'from outside', LAYERWISE_TEST_NEW: '#builds' })
})

test('no .env file is needed', () => {
  expect(environment()).toBe(process.env)
})
