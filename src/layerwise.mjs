#!/usr/bin/env node
// `layerwise` at a terminal. The code is TypeScript that Node 24 runs as it is; on an older Node this file starts itself
// with the Node 24 that `npm ci` put into node_modules. So it must itself run on Node 20.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'
import * as v8 from 'node:v8'

const needed = 24

if (Number.parseInt(process.versions.node, 10) >= needed) {
  // Half of a short call would go into stripping types and compiling; where nothing can be written, it does.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/layerwise/code', import.meta.url)))
  // what is made while reading is garbage at once: more room for it costs memory and saves nothing
  v8.setFlagsFromString('--semi-space-growth-factor=1')
  const cli = new URL('./cli.ts', import.meta.url)
  process.argv[1] = fileURLToPath(cli)
  await import(cli.href)
} else {
  runWithNewerNode(fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url)))
}

/** Hands stdio, signals and the exit code through, so that nobody notices the second process. */
function runWithNewerNode(node) {
  if (!existsSync(node)) {
    process.stderr.write(
      `layerwise needs Node ${needed}, this is ${process.version}: run "npm ci" in the checkout, it brings one\n`,
    )
    process.exit(2)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`layerwise could not start ${node}: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    for (const name of signals) process.removeAllListeners(name)
    if (signal === null) process.exit(code ?? 1)
    process.kill(process.pid, signal)
  })
}
