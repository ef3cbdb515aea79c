import { spawn } from 'node:child_process'
import { z } from 'zod'
import type { Login } from './docker-config.ts'

export type Helped = { kind: 'login'; login: Login } | { kind: 'none' } | { kind: 'failed'; because: string }

/**
 * Asks `docker-credential-<helper> get` (docker/docker-credential-helpers: the server on stdin, JSON on stdout, and
 * "credentials not found" with status 1 when there are none). It may hang, say at a keychain that wants a password.
 */
export async function askHelper(helper: string, server: string, limitMs = 10_000): Promise<Helped> {
  // The name comes out of a file and becomes a program's: nothing that leads elsewhere.
  if (!/^\w[\w.-]*$/.test(helper)) return { kind: 'failed', because: 'its credential helper has an impossible name' }
  const program = `docker-credential-${helper}`
  const ended = await run(program, server, limitMs)
  if ('failed' in ended) return { kind: 'failed', because: `${program} ${ended.failed}` }
  if (/credentials not found/i.test(ended.output)) return { kind: 'none' }
  if (ended.status !== 0) return { kind: 'failed', because: `${program} ended with status ${ended.status}` }
  return readAnswer(program, ended.output)
}

const answerSchema = z.looseObject({ Username: z.string(), Secret: z.string() })

function readAnswer(program: string, output: string): Helped {
  try {
    const { Username: username, Secret: secret } = answerSchema.parse(JSON.parse(output))
    if (secret === '') return { kind: 'none' }
    // `<token>` is how a helper says that the secret is a token of identity
    if (username === '<token>') return { kind: 'login', login: { kind: 'identity', token: secret } }
    return { kind: 'login', login: { kind: 'password', username, password: secret } }
  } catch {
    // not quoted, nor kept as the cause: what it said may be half a secret
    return { kind: 'failed', because: `${program} did not answer in JSON` }
  }
}

type Ended = { status: number | null; output: string } | { failed: string }

const mostOutput = 64 * 1024

function run(program: string, input: string, limitMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'] })
    const giveUp = (failed: string) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      // a grandchild may still hold the pipe open, and would keep us alive
      child.stdout.destroy()
      resolve({ failed })
    }
    const timer = setTimeout(() => giveUp(`did not answer within ${limitMs / 1000} s`), limitMs)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > mostOutput) giveUp('said more than a login')
    })
    child.stdin.on('error', () => undefined).end(`${server(input)}\n`)
    child.on('error', (error: NodeJS.ErrnoException) =>
      giveUp(error.code === 'ENOENT' ? 'is not on the PATH' : `could not be started (${error.code})`),
    )
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status, output })
    })
  })
}

function server(name: string): string {
  return name.replace(/[\r\n]/g, '')
}
