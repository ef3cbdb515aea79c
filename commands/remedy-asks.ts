import type { CommandRequest } from '../src/slack/command.ts'

/** Who asks, and where they alone are answered. */
export function askedBy({ user, teamId, channel, responseUrl }: CommandRequest) {
  return { askedBy: user, teamId, channel, responseUrl }
}
