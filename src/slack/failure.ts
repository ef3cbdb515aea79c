import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api'

/** Slack is there but wants to be asked later, or is not there at all. The task engine waits and tries again. */
export class SlackUnavailable extends Error {
  readonly code = 'slack-unavailable'
  readonly retryAfterMs: number
  constructor(what: string, retryAfterMs: number, options?: ErrorOptions) {
    super(what, options)
    this.name = 'SlackUnavailable'
    this.retryAfterMs = retryAfterMs
  }
}

/** Slack understood and said no, and will say so again until a person changes something. */
export class SlackRefused extends Error {
  readonly code = 'slack-refused'
  /** Slack's own word, e.g. `not_in_channel` */
  readonly reason: string
  constructor(what: string, reason: string, options?: ErrorOptions) {
    super(`${what}: ${reason}${hints[reason] ?? ''}`, options)
    this.name = 'SlackRefused'
    this.reason = reason
  }
}

/** What a person can do about it, where we know. */
const hints: Record<string, string> = {
  not_in_channel: ' (invite the bot to the channel)',
  channel_not_found: ' (no such channel, or a private one that the bot was not invited to)',
  is_archived: ' (the channel is archived)',
  missing_scope: ' (install the app again: manifest.yml asks for all scopes it needs)',
  invalid_auth: ' (the bot token is wrong)',
  token_revoked: ' (the app was removed from the workspace)',
  account_inactive: ' (the app was removed from the workspace)',
}

/** Any error of the Web API as one of the two above; `what` says what we were doing. */
export function slackFailure(what: string, error: unknown): SlackUnavailable | SlackRefused {
  if (error instanceof SlackUnavailable || error instanceof SlackRefused) return error
  if (error instanceof WebAPIRateLimitedError) {
    return new SlackUnavailable(`${what}: Slack asks for a pause`, error.retryAfter * 1000, { cause: error })
  }
  if (error instanceof WebAPIPlatformError && !passing.has(error.data.error)) {
    return new SlackRefused(what, error.data.error, { cause: error })
  }
  const status = error instanceof WebAPIHTTPError ? `: HTTP ${error.statusCode}` : ''
  const network = error instanceof WebAPIRequestError ? `: ${error.original.message}` : ''
  return new SlackUnavailable(`${what}: Slack did not answer${status}${network}`, 0, { cause: error })
}

/** Slack's word for an error of the Web API, null when it is none. */
export function platformError(error: unknown): string | null {
  return error instanceof WebAPIPlatformError ? error.data.error : null
}

/** Refusals that pass by themselves. */
const passing = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'team_added_to_org',
  'request_timeout',
  'ratelimited',
  'rate_limited',
])

/** Refusals of what the message looks like; a plainer form of it may pass. */
export const refusedDress = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'markdown_text_conflict',
])
