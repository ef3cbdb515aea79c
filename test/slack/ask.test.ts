import { expect, test } from 'vitest'
import { askSchema } from '../../src/slack/ask.ts'

const replyTo = { kind: 'response', url: 'https://hooks.slack.com/x', channel: 'C1', user: 'U1' }
const link = { repository: 'acme/web', runId: 12, attempt: null, jobId: null }

test('tasks that a version wrote which knew links only are still read', () => {
  expect(askSchema.parse({ links: [link], replyTo, askedBy: 'U1' })).toEqual({ links: [link], replyTo, askedBy: 'U1' })
})
