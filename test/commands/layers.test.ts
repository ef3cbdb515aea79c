import { describe, expect, test } from 'vitest'
import { commands } from '../../commands/commands.ts'
import { layers } from '../../commands/layers.ts'

const typed = (text: string) =>
  layers.slack({
    text,
    links: [],
    target: null,
    watched: { here: [], all: [] },
    slash: '/cache',
    commands,
    user: 'U1',
    teamId: 'T1',
    channel: 'C1',
    responseUrl: 'https://hooks.slack.com/x',
  })

describe('/cache layers', () => {
  test.each([
    ['alpine', ['alpine'], null],
    ['ghcr.io/acme/web:1 :2', ['ghcr.io/acme/web:1', ':2'], null],
    ['  alpine   --platform linux/arm64', ['alpine'], 'linux/arm64'],
    ['--platform=linux/arm64 alpine', ['alpine'], 'linux/arm64'],
    // as a phone types it
    ['alpine —platform arm64', ['alpine'], 'arm64'],
    // as Slack dresses it
    ['<http://ghcr.io/acme/web:1|ghcr.io/acme/web:1> `:2`', ['ghcr.io/acme/web:1', ':2'], null],
  ])('%s', (text, images, platform) => {
    expect(typed(text).ask).toEqual({
      images,
      platform,
      replyTo: { kind: 'response', url: 'https://hooks.slack.com/x', channel: 'C1', user: 'U1' },
      askedBy: 'U1',
    })
  })

  test.each([
    ['', 'Which image?'],
    ['Acme/Web', 'lower case, e.g. acme/web'],
    [':1', 'only works for the second image'],
    ['alpine Web', 'lower case'],
    ['https://ghcr.io/acme/web', 'without https://'],
    ['a b c', 'I compare two images, not 3.'],
    ['alpine --platform a/b/c/d', 'is not a platform'],
    ['<!channel>', '"!channel"'],
  ])('%s starts nothing, and says what would do', (text, said) => {
    const answer = typed(text)
    expect(answer.ask).toBeNull()
    expect(answer.say.mrkdwn).toContain(said)
    expect(answer.say.mrkdwn).toContain('`/cache layers ghcr.io/acme/web:main`')
    expect(answer.say.mrkdwn).not.toContain('<!')
  })
})
