import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** A checkout in which `cli.ts` tells what it was started with, and an old Node is one that claims to be. */
let checkout: string

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'layerwise-launcher-'))
  mkdirSync(join(checkout, 'src'))
  mkdirSync(join(checkout, 'node_modules/.bin'), { recursive: true })
  copyFileSync('src/layerwise.mjs', join(checkout, 'src/layerwise.mjs'))
  writeFileSync(join(checkout, 'src/cli.ts'), cli)
  writeFileSync(join(checkout, 'old-node.cjs'), `Object.defineProperty(process.versions, 'node', { value: '20.1.0' })`)
  const newer = join(checkout, 'node_modules/.bin/node')
  writeFileSync(newer, `#!/bin/sh\nSTARTED_BY=node_modules exec '${process.execPath}' "$@"\n`)
  chmodSync(newer, 0o755)
})
afterAll(() => rmSync(checkout, { recursive: true }))

const cli = `
const [what, ...rest]: string[] = process.argv.slice(2)
if (what === 'wait') {
  process.on('SIGTERM', () => { console.log('asked to stop'); process.exit(5) })
  setInterval(() => {}, 1000)
  console.log('waiting')
} else {
  console.log(JSON.stringify({ by: process.env.STARTED_BY ?? 'itself', what, rest }))
  process.exitCode = 3
}
`

describe.each([
  { node: 'a new Node', flags: () => [], by: 'itself' },
  { node: 'an old Node', flags: () => ['--require', join(checkout, 'old-node.cjs')], by: 'node_modules' },
])('with $node', ({ flags, by }) => {
  test('arguments, output and exit code are passed through', async () => {
    const launched = launch([...flags(), 'src/layerwise.mjs', 'debug', '--json', 'a b'])
    const [output, [code]] = await Promise.all([text(launched.stdout), once(launched, 'exit')])
    expect(JSON.parse(output)).toEqual({ by, what: 'debug', rest: ['--json', 'a b'] })
    expect(code).toBe(3)
  })

  test('a signal reaches the command, which has the last word', async () => {
    const launched = launch([...flags(), 'src/layerwise.mjs', 'wait'])
    const output = text(launched.stdout)
    await once(launched.stdout, 'readable')
    launched.kill('SIGTERM')
    const [code] = await once(launched, 'exit')
    expect(code).toBe(5)
    expect(await output).toBe('waiting\nasked to stop\n')
  })
})

test('an old Node without an installation is told what to do', async () => {
  rmSync(join(checkout, 'node_modules'), { recursive: true })
  const launched = launch(['--require', join(checkout, 'old-node.cjs'), 'src/layerwise.mjs'])
  const [message, [code]] = await Promise.all([text(launched.stderr), once(launched, 'exit')])
  expect(message).toMatch(/^layerwise needs Node 24, .* run "npm ci"/)
  expect(code).toBe(2)
})

type Launched = ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }

function launch(args: string[]): Launched {
  return spawn(process.execPath, args, { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'] }) as Launched
}
