import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { Agent } from 'node:http'
import { Duplex } from 'node:stream'
import { redact } from '../build/redact.ts'
import type { DockerAddress } from './address.ts'
import { DockerFault } from './fault.ts'

/**
 * HTTP over `ssh host docker system dial-stdio`, as Docker's own client does it. It is the ssh program that connects, so
 * its configuration, keys and agent count, and host keys are checked: one that is not in known_hosts is refused and
 * nothing is ever asked. (docker-modem's own ssh trusts any host, and connects anew for each request.)
 */
export function sshAgent(address: Extract<DockerAddress, { kind: 'ssh' }>): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  agent.createConnection = () => new SshSocket(address)
  return agent
}

/** `--` ends ssh's options, so that no host name is one. */
export function sshArguments({ host, port, user }: Extract<DockerAddress, { kind: 'ssh' }>): string[] {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ConnectTimeout=10', 'ServerAliveInterval=15']
  return [
    ...[...options, 'ClearAllForwardings=yes', 'ControlMaster=no', 'PermitLocalCommand=no'].flatMap((each) => [
      '-o',
      each,
    ]),
    ...['-T', '-x', '-a'],
    ...(user === null ? [] : ['-l', user]),
    ...(port === null ? [] : ['-p', String(port)]),
    ...['--', host, 'docker', 'system', 'dial-stdio'],
  ]
}

/** What `node:http` needs of a socket, and nothing else of one. */
class SshSocket extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams
  /** the last that ssh complained of */
  #said = ''

  constructor(address: Extract<DockerAddress, { kind: 'ssh' }>) {
    super()
    const child = spawn('ssh', sshArguments(address), { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.stdout.on('data', (bytes) => {
      if (!this.push(bytes)) child.stdout.pause()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-2_000)
    })
    // told by `close`, with what ssh said
    child.stdin.on('error', () => undefined)
    child.on('error', (error) => this.destroy(notStarted(error)))
    child.on('close', (status) => this.destroy(sshFault(address.host, status, this.#said)))
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(bytes: Uint8Array, _: string, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(bytes, () => done())
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill()
    done(error)
  }

  setTimeout(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}

function notStarted(cause: Error): DockerFault {
  return new DockerFault(
    'unsupported',
    'The program ssh could not be started. Install an OpenSSH client where this runs.',
    { cause },
  )
}

function sshFault(host: string, status: number | null, said: string): DockerFault {
  const last =
    redact(said)
      .trim()
      .split(/[\r\n]+/)
      .at(-1)
      ?.slice(0, 200) ?? ''
  if (/host key verification failed|host key is known|HOST IDENTIFICATION HAS CHANGED/i.test(said))
    return new DockerFault(
      'refused',
      `The host key of ${host} is not the one in known_hosts, or none is there. Compare it with the machine's own, then add it to known_hosts of the user that this runs as.`,
    )
  if (/permission denied|too many authentication/i.test(said))
    return new DockerFault(
      'refused',
      `${host} does not let us in by ssh: ${last}. A key that needs no passphrase, or an agent, has to be there.`,
    )
  if (status === 127 || /command not found|not a docker command/i.test(said))
    return new DockerFault(
      'unsupported',
      `${host} has no docker program that knows \`docker system dial-stdio\`: ${last}`,
    )
  return new DockerFault('unreachable', `The connection by ssh to ${host} ended${last === '' ? '' : `: ${last}`}`)
}
