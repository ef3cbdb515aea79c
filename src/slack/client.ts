import type { WebClientOptions } from '@slack/web-api'

/**
 * How we call Slack's Web API: one try and no waiting inside, for the task engine keeps what is to be done and waits
 * better than a process that may die. A 429 becomes an error with its `Retry-After` at once.
 */
export function clientOptions(apiUrl: string | null): WebClientOptions {
  return {
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 8_000,
    // No payload, command or log decides where we send our token.
    allowAbsoluteUrls: false,
  }
}
