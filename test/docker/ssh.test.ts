import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openBuilder } from '../../src/docker/builder.ts'
import { type FakeEngine, startFakeEngine } from './fake-engine.ts'
import { onPath } from './real-daemon.ts'

const run = promisify(execFile)
const realSsh = onPath('ssh')
const started = await startSshd()
const sshd = 'port' in started ? started : null
const skipped = 'because' in started ? `SKIPPED, ${started.because}: ` : ''
if (skipped !== '') console.warn(`ssh to a Docker daemon was NOT TESTED: ${skipped}`)
afterAll(() => sshd?.stop())

type Sshd = { folder: string; port: number; stop(): Promise<void> }

/** A real sshd on loopback with a host key and a user's key of its own; `docker` there is a script of the test. */
async function startSshd(): Promise<Sshd | { because: string }> {
  const program =
    onPath('sshd') ??
    (await readFile('/usr/sbin/sshd').then(
      () => '/usr/sbin/sshd',
      () => null,
    ))
  if (program === null || !realSsh || !onPath('ssh-keygen'))
    return { because: 'there is no sshd or no ssh (Debian: openssh-server)' }
  const folder = await mkdtemp(join(tmpdir(), 'lw-sshd-'))
  const file = (name: string) => join(folder, name)
  for (const name of ['host', 'user', 'stranger'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)])
  await writeFile(file('allowed'), await readFile(file('user.pub')))
  const port = await freePort()
  const settings = {
    ...{
      Port: port,
      ListenAddress: '127.0.0.1',
      HostKey: file('host'),
      PidFile: 'none',
      AuthorizedKeysFile: file('allowed'),
    },
    ...{
      StrictModes: 'no',
      UsePAM: 'no',
      PasswordAuthentication: 'no',
      KbdInteractiveAuthentication: 'no',
      PermitRootLogin: 'yes',
    },
    ForceCommand: file('dial'),
  }
  await writeFile(
    file('sshd'),
    Object.entries(settings)
      .map((pair) => `${pair.join(' ')}\n`)
      .join(''),
  )
  // where Debian's sshd drops its rights; its service makes it
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true }).catch(() => undefined)
  const child = spawn(program, ['-D', '-e', '-f', file('sshd')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  for (let tries = 0; tries < 100 && child.exitCode === null && !said.includes('Server listening'); tries++)
    await sleep(50)
  const stop = () => stopped(child, folder)
  if (said.includes('Server listening')) return { folder, port, stop }
  await stop()
  return { because: `sshd does not start here: ${said.trim().slice(-200)}` }
}

async function stopped(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    child.kill()
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What runs at the other end instead of docker. */
async function dialWith(script: string): Promise<void> {
  await writeFile(join(sshd?.folder ?? '', 'dial'), script)
  await chmod(join(sshd?.folder ?? '', 'dial'), 0o755)
}

/** Carries the connection to a daemon's socket, and writes down what it was called for. */
async function dialTo(socketPath: string): Promise<void> {
  const carry = `const socket = require('node:net').connect(${JSON.stringify(socketPath)})
process.stdin.pipe(socket).pipe(process.stdout)\n`
  await writeFile(join(sshd?.folder ?? '', 'carry.cjs'), carry)
  await dialWith(`#!/bin/sh
echo "$SSH_ORIGINAL_COMMAND" >> ${sshd?.folder}/called
exec ${process.execPath} ${sshd?.folder}/carry.cjs\n`)
}

describe.skipIf(sshd === null)(`${skipped}a builder by ssh`, () => {
  let engine: FakeEngine
  const url = `ssh://${userInfo().username}@127.0.0.1:${sshd?.port}`
  const at = (name: string) => join(sshd?.folder ?? '', name)

  beforeEach(async () => {
    engine = await startFakeEngine()
    await dialTo(engine.url.replace('unix://', ''))
    await writeFile(at('called'), '')
    await knows('host')
    await uses('user')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await engine.close()
  })

  async function knows(key: string): Promise<void> {
    const [kind, base64] = (await readFile(at(`${key}.pub`), 'utf8')).split(' ')
    await writeFile(at('known'), `[127.0.0.1]:${sshd?.port} ${kind} ${base64}\n`)
  }

  /** The machine's own ssh, with files of the test in place of those in the home folder. */
  async function uses(key: string): Promise<void> {
    const files = [`UserKnownHostsFile ${at('known')}`, 'GlobalKnownHostsFile /dev/null', `IdentityFile ${at(key)}`]
    await writeFile(at('config'), [...files, 'IdentitiesOnly yes', 'IdentityAgent none', ''].join('\n'))
    await mkdir(at('bin'), { recursive: true })
    await writeFile(at('bin/ssh'), `#!/bin/sh\nexec ${realSsh} -F ${at('config')} "$@"\n`)
    await chmod(at('bin/ssh'), 0o755)
    const path = process.env.PATH ?? ''
    vi.stubEnv('PATH', path.startsWith(at('bin')) ? path : `${at('bin')}${delimiter}${path}`)
  }

  test('is read and pruned through one connection, by `docker system dial-stdio`', async () => {
    await using builder = await openBuilder({ url, certificates: null })
    const { records } = await builder.usage()
    const ids = records.map(({ id }) => id)
    expect((await builder.prune(ids, () => undefined)).deleted.toSorted()).toEqual(ids.toSorted())
    expect(engine.records).toEqual([])
    expect(await readFile(at('called'), 'utf8')).toBe('docker system dial-stdio\n')
  })

  test('is refused, and asked nothing, when its host key is not known or is another one', async () => {
    await writeFile(at('known'), '')
    await expect(openBuilder({ url, certificates: null })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('known_hosts'),
    })
    await knows('stranger')
    await expect(openBuilder({ url, certificates: null })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('known_hosts'),
    })
    expect(await readFile(at('called'), 'utf8')).toBe('')
    expect(await readFile(at('known'), 'utf8')).not.toContain((await readFile(at('host.pub'), 'utf8')).split(' ')[1])
  })

  test('a key that it does not know is told as such', async () => {
    await uses('stranger')
    await expect(openBuilder({ url, certificates: null })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/does not let us in.*Permission denied/),
    })
    expect(await readFile(at('called'), 'utf8')).toBe('')
  })

  test('no docker there is told as such', async () => {
    await dialWith('#!/bin/sh\necho "sh: docker: command not found" >&2\nexit 127\n')
    await expect(openBuilder({ url, certificates: null })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('dial-stdio'),
    })
  })

  test('nobody at that port is told as such', async () => {
    const nobody = `ssh://127.0.0.1:${await freePort()}`
    await expect(openBuilder({ url: nobody, certificates: null })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/refused/i),
    })
  })

  test('no ssh on this machine is told as such', async () => {
    vi.stubEnv('PATH', at('nowhere'))
    await expect(openBuilder({ url, certificates: null })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('OpenSSH'),
    })
  })
})
