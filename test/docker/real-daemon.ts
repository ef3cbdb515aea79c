import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pack } from 'tar-stream'

/** A Docker daemon of our own, without network, in a folder of its own; spoken to without any code of ours. */
export type RealDaemon = {
  kind: 'running'
  url: string
  folder: string
  /** `GET` of an address, or what a build answered */
  get(path: string): Promise<unknown>
  /** Builds by BuildKit from these files; resolves with the daemon's progress, JSON lines. */
  build(files: Record<string, string | Uint8Array>, options?: { query?: string; signal?: AbortSignal }): Promise<string>
  stop(): Promise<void>
}

export async function startRealDaemon(): Promise<RealDaemon | { kind: 'unavailable'; because: string }> {
  if (process.platform !== 'linux') return { kind: 'unavailable', because: 'it needs Linux' }
  if (process.getuid?.() !== 0) return { kind: 'unavailable', because: 'dockerd needs root' }
  const program = onPath('dockerd')
  if (program === null) return { kind: 'unavailable', because: 'there is no dockerd on the PATH (Debian: docker.io)' }
  const said: string[] = []
  // overlay2 needs a file system that it can lie on; vfs lies on any
  for (const driver of ['overlay2', 'vfs']) {
    const daemon = await start(program, driver)
    if ('url' in daemon) return daemon
    said.push(`${driver}: ${daemon.because}`)
  }
  return { kind: 'unavailable', because: `dockerd does not start here: ${said.join('; ')}` }
}

async function start(program: string, driver: string): Promise<RealDaemon | { because: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lw-dockerd-'))
  const [socketPath, log] = [join(folder, 's.sock'), join(folder, 'log')]
  await writeFile(join(folder, 'daemon.json'), '{"builder":{"gc":{"enabled":false}}}')
  const child = spawn(program, argumentsOf(folder, socketPath, driver), { stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-4_000)
    })
  child.on('error', (error) => {
    words += error.message
  })
  const stop = () => stopped(child, folder)
  if (!(await answers(child, socketPath))) {
    await stop()
    return { because: words.trim().split('\n').at(-1)?.slice(0, 300) ?? `no word in ${log}` }
  }
  return {
    kind: 'running',
    url: `unix://${socketPath}`,
    folder,
    get: async (path) => JSON.parse(await ask(socketPath, { path })),
    build: async (files, { query = '', signal } = {}) =>
      ask(socketPath, {
        path: `/build?version=2&networkmode=none&${query}`,
        method: 'POST',
        body: await tarOf(files),
        ...(signal ? { signal } : {}),
      }),
    stop,
  }
}

function argumentsOf(folder: string, socketPath: string, driver: string): string[] {
  const places = { 'data-root': 'data', 'exec-root': 'exec', pidfile: 'pid', 'config-file': 'daemon.json' }
  return [
    ...Object.entries(places).map(([option, name]) => `--${option}=${join(folder, name)}`),
    `--host=unix://${socketPath}`,
    `--storage-driver=${driver}`,
    ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
  ]
}

async function answers(child: ChildProcess, socketPath: string): Promise<boolean> {
  for (let tries = 0; tries < 300 && child.exitCode === null && child.pid !== undefined; tries++) {
    const said = await ask(socketPath, { path: '/_ping' }).catch(() => '')
    if (said === 'OK') return true
    await sleep(100)
  }
  return false
}

/** Ends this daemon by its id; the containerd that it started ends with it. */
async function stopped(child: ChildProcess, folder: string): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await once(child, 'exit')
    clearTimeout(late)
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }).catch(async () => {
    console.warn(`could not remove ${folder}: ${await mountsIn(folder)}`)
  })
}

async function mountsIn(folder: string): Promise<string> {
  const mounts = await readFile('/proc/mounts', 'utf8')
  return mounts
    .split('\n')
    .filter((line) => line.includes(folder))
    .join('; ')
}

type Asked = { path: string; method?: string; body?: Uint8Array; signal?: AbortSignal }

function ask(socketPath: string, { path, method = 'GET', body, signal }: Asked): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/x-tar', 'content-length': body.length } : {}
    const asked = request({ socketPath, path, method, headers, ...(signal ? { signal } : {}) }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200 && !text.includes('"errorDetail"')) resolve(text)
        else reject(new Error(`the daemon answered ${response.statusCode} to ${path}: ${text.slice(-500)}`))
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

async function tarOf(files: Record<string, string | Uint8Array>): Promise<Uint8Array> {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mode: 0o755 }, Buffer.from(content))
  tar.finalize()
  const pieces: Uint8Array[] = []
  for await (const piece of tar as AsyncIterable<Uint8Array>) pieces.push(piece)
  return Buffer.concat(pieces)
}

export function onPath(program: string): string | null {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program))
  return places.find(canRun) ?? null
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * The smallest program that does nothing, for ever, and needs no library: without a network there is no base image to
 * take a `sleep` from. Null where we have no machine code for it.
 */
export function idleProgram(): Uint8Array | null {
  const machine = machines[process.arch]
  if (machine === undefined) return null
  const [headers, at] = [64 + 56, 0x40_0000]
  const code = Buffer.from(machine.code, 'hex')
  const file = Buffer.alloc(headers + code.length)
  Buffer.from('7f454c46020101', 'hex').copy(file)
  file.writeUInt16LE(2, 16) // a program
  file.writeUInt16LE(machine.id, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(at + headers), 24) // starts after the headers
  file.writeBigUInt64LE(64n, 32)
  file.writeUInt16LE(64, 52)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt32LE(1, 64) // one segment: the whole file, to read and run
  file.writeUInt32LE(5, 68)
  file.writeBigUInt64LE(BigInt(at), 80)
  file.writeBigUInt64LE(BigInt(at), 88)
  file.writeBigUInt64LE(BigInt(file.length), 96)
  file.writeBigUInt64LE(BigInt(file.length), 104)
  file.writeBigUInt64LE(0x1000n, 112)
  code.copy(file, headers)
  return file
}

const machines: Partial<Record<string, { id: number; code: string }>> = {
  // mov eax, 34 (pause); syscall; jmp back
  x64: { id: 62, code: 'b8220000000f05ebf7' },
  // x0 to x4 = 0; x8 = 73 (ppoll); svc 0; b back
  arm64: { id: 183, code: '000080d2010080d2020080d2030080d2040080d2280980d2010000d4f9ffff17' },
}
