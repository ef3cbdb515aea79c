import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type ApiAnswer, ok, refusal } from './github-answers.ts'

/** GitHub's device flow. https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow */
export type LocalDevices = {
  /** the app's settings allow it */
  enabled: boolean
  /** A person types the code, signed in under this login, and agrees. */
  authorize(userCode: string, login: string): void
  deny(userCode: string): void
  /** codes that were given out and not typed yet, oldest first */
  waiting(): string[]
  /** whose token this is; null for none of ours */
  loginOf(token: string): string | null
  answer(path: string, sent: unknown, pages: string): ApiAnswer
}

type Device = {
  deviceCode: string
  userCode: string
  expiresAt: number
  intervalSeconds: number
  askedAt: number | null
  said: { kind: 'nothing' } | { kind: 'yes'; login: string } | { kind: 'no' }
}

export function localDevices(now: () => Date, intervalSeconds = 5): LocalDevices {
  const devices: Device[] = []
  const tokens = new Map<string, string>()
  const typed = (userCode: string): Device => {
    const device = devices.find((each) => each.userCode === userCode)
    if (!device) throw new Error(`local GitHub: nobody was given the code ${userCode}`)
    return device
  }
  const local: LocalDevices = {
    enabled: true,
    authorize(userCode, login) {
      typed(userCode).said = { kind: 'yes', login }
    },
    deny(userCode) {
      typed(userCode).said = { kind: 'no' }
    },
    waiting: () => devices.filter(({ said }) => said.kind === 'nothing').map(({ userCode }) => userCode),
    loginOf: (token) => tokens.get(token) ?? null,
    answer(path, sent, pages) {
      const read = sentSchema.safeParse(sent)
      if (!read.success) return refusal(404, 'Not Found')
      if (!local.enabled) return protocolError('device_flow_disabled')
      if (path === '/login/device/code') return giveCode(devices, { now, intervalSeconds, pages })
      return giveToken(devices, tokens, read.data.device_code ?? '', now().getTime())
    },
  }
  return local
}

const sentSchema = z.object({ client_id: z.string().min(1), device_code: z.string().optional() })

function giveCode(
  devices: Device[],
  { now, intervalSeconds, pages }: { now: () => Date; intervalSeconds: number; pages: string },
): ApiAnswer {
  const letters = randomBytes(8).toString('hex').toUpperCase()
  const device: Device = {
    deviceCode: randomBytes(20).toString('hex'),
    userCode: `${letters.slice(0, 4)}-${letters.slice(4, 8)}`,
    expiresAt: now().getTime() + 900_000,
    intervalSeconds,
    askedAt: null,
    said: { kind: 'nothing' },
  }
  devices.push(device)
  return ok({
    device_code: device.deviceCode,
    user_code: device.userCode,
    verification_uri: `${pages}/login/device`,
    expires_in: 900,
    interval: intervalSeconds,
  })
}

/** A code is good for one token. */
function giveToken(devices: Device[], tokens: Map<string, string>, deviceCode: string, now: number): ApiAnswer {
  const device = devices.find((each) => each.deviceCode === deviceCode)
  if (device === undefined) return protocolError('incorrect_device_code')
  if (now >= device.expiresAt) return protocolError('expired_token')
  const tooSoon = device.askedAt !== null && now - device.askedAt < device.intervalSeconds * 1000
  device.askedAt = now
  if (device.said.kind === 'no') return protocolError('access_denied')
  if (tooSoon) {
    device.intervalSeconds += 5
    return protocolError('slow_down', { interval: device.intervalSeconds })
  }
  if (device.said.kind === 'nothing') return protocolError('authorization_pending')
  devices.splice(devices.indexOf(device), 1)
  const access_token = `ghu_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`
  tokens.set(access_token, device.said.login)
  return ok({ access_token, token_type: 'bearer', scope: '' })
}

/** GitHub answers 200 to these too. */
function protocolError(error: string, more: Record<string, unknown> = {}): ApiAnswer {
  const error_description = `Played by the local GitHub: ${error.replaceAll('_', ' ')}.`
  return ok({ error, error_description, error_uri: 'https://docs.github.com/developers', ...more })
}
