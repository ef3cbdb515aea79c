import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Child = {
  pid: number
  /** Waits until the process has printed `text`; fails when it ends before. */
  prints(text: string): Promise<void>
  /** Ends it as a power cut would: SIGKILL. */
  kill(): Promise<void>
} & AsyncDisposable

/** Runs a TypeScript file, given relative to test/, in a Node of its own; killed at the latest with its scope. */
export function startChild(file: string, args: string[], env?: Record<string, string>): Child {
  const script = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(env ? { env: { ...process.env, ...env } } : {}),
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const kill = async () => {
    if (!hasEnded(child)) child.kill('SIGKILL')
    if (!hasEnded(child)) await once(child, 'exit')
  }
  return {
    pid: child.pid ?? 0,
    async prints(text) {
      while (!printed.includes(text)) {
        if (hasEnded(child)) throw new Error(`${file} ended without printing "${text}"; it printed:\n${printed}`)
        await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
      }
    },
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
