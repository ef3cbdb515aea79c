import { describe, expect, test } from 'vitest'
import { commands } from '../../commands/commands.ts'
import { lint } from '../../commands/lint.ts'
import { readTarget } from '../../src/alert/target.ts'

const typed = (text: string, here: string[] = [], all = here) =>
  lint.slack({
    ...{ text, links: [], target: readTarget(text, 'https://github.com'), watched: { here, all } },
    ...{ slash: '/cache', commands, user: 'U1', teamId: 'T1', channel: 'C1', responseUrl: 'https://hooks.slack.com/x' },
  })

describe('/cache lint', () => {
  test.each([
    ['acme/web', { repository: 'acme/web', ref: null }],
    ['acme/web@feature/x', { repository: 'acme/web', ref: 'feature/x' }],
    ['<https://github.com/acme/web|web>', { repository: 'acme/web', ref: null }],
  ])('%s', (text, asked) => {
    expect(typed(text).ask).toEqual({
      lint: asked,
      replyTo: { kind: 'response', url: 'https://hooks.slack.com/x', channel: 'C1', user: 'U1' },
      askedBy: 'U1',
    })
  })

  test('without a name, the repository that reports to the channel', () => {
    expect(typed('', ['acme/web'])).toMatchObject({ ask: { lint: { repository: 'acme/web', ref: null } } })
  })

  test('of a repository that is watched in another spelling, that spelling', () => {
    expect(typed('ACME/Web', [], ['acme/web'])).toMatchObject({ ask: { lint: { repository: 'acme/web' } } })
  })

  test.each([
    ['', [], [], 'so I need its name'],
    ['', ['acme/web', 'acme/api'], ['acme/web', 'acme/api'], '• `/cache lint acme/api`'],
    ['what is this', [], [], 'is no repository that I can read'],
    ['../../etc/passwd', [], [], 'is no repository that I can read'],
    ['acme/web@--upload', [], [], 'is no repository that I can read'],
    ['acme/web#12', [], [], 'Pull requests get a check of their own'],
    ['other/secret', [], ['acme/web'], 'is not among the repositories that I watch'],
  ])('"%s" starts nothing, and says what would do', (text, here, all, said) => {
    expect(typed(text, here, all).ask).toBeNull()
    expect(typed(text, here, all).say.mrkdwn).toContain(said)
  })
})
