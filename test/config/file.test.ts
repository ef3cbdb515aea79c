import { describe, expect, test } from 'vitest'
import { ConfigProblems, channelsFor, type LiveConfig, readConfig } from '../../src/config.ts'

const credentials = { SLACK_BOT_TOKEN: 'xoxb-1-2', SLACK_APP_TOKEN: 'xapp-1-2', GITHUB_TOKEN: 'ghp_12345678' }

const file = `
channel: "#builds"
runbooks: [ops/runbooks]
poll: "*/10 * * * *"
watch:
  - repository: acme/web
    channel: "#web"
    branches: [main, "release/*"]
  - repository: acme/api
    workflows: [CI]
    poll: false
    checks: true
`

test('the file says which repositories are watched, and where each is reported', () => {
  expect(live(file)).toMatchObject({
    file: 'layerwise.yaml',
    channel: '#builds',
    runbooks: ['ops/runbooks'],
    poll: '*/10 * * * *',
    watch: [
      {
        repository: 'acme/web',
        channel: '#web',
        branches: ['main', 'release/*'],
        workflows: null,
        poll: true,
        checks: false,
      },
      {
        ...{ repository: 'acme/api', channel: '#builds', branches: null },
        ...{ workflows: ['CI'], poll: false, checks: true },
      },
    ],
  })
})

test('repositories are not polled where a webhook tells, unless asked for', () => {
  const config = live('watch: [{ repository: acme/web }, { repository: acme/api, poll: true }]', {
    GITHUB_WEBHOOK_SECRET: 'a-webhook-secret',
    LAYERWISE_CHANNEL: '#builds',
  })
  expect(config.watch.map((entry) => entry.poll)).toEqual([false, true])
})

test('the environment wins over the file, and keeps what the file says of a repository', () => {
  const config = live(file, { LAYERWISE_CHANNEL: '#all', LAYERWISE_WATCH: 'Acme/Web,acme/new' })
  expect(config.channel).toBe('#all')
  expect(config.watch).toMatchObject([
    { repository: 'acme/web', channel: '#web', branches: ['main', 'release/*'] },
    { repository: 'acme/new', channel: '#all', branches: null },
  ])
})

test('an empty file is a file', () => {
  expect(live('', { LAYERWISE_CHANNEL: '#builds' }).file).toBe('layerwise.yaml')
})

describe('a mistake is told with its line', () => {
  test.each([
    ['this: [is not', 'layerwise.yaml:1: expected YAML, found something else (BAD_INDENT), e.g. channel: "#builds"'],
    ['- channel', 'layerwise.yaml:1: expected keys with values, found a list of 1, e.g. channel: "#builds"'],
    ['channel: "#a"\npoll: 5', 'layerwise.yaml:2: expected a cron expression, found "5", e.g. poll: "*/2 * * * *"'],
    [
      'channel: "#a"\nslackToken: xoxb-123-456-secret',
      'layerwise.yaml:2: expected one of channel, command, runbooks, watch, poll, remedies (secrets belong in the environment), found the key "slackToken"',
    ],
    [
      'channel: "#a"\nwatch:\n  - repository: acme/web\n    branch: main',
      'layerwise.yaml:4: expected one of repository, channel, branches, workflows, poll, checks (secrets belong in the environment), found the key "branch"',
    ],
    [
      'channel: "#a"\nwatch:\n  - repository: acme/web\n  - channel: "#b"',
      'layerwise.yaml:4: expected a repository as owner/name, found nothing, e.g. repository: acme/web',
    ],
    [
      'channel: "#a"\nwatch:\n  - repository: acme/web\n    branches: []',
      'layerwise.yaml:4: expected a list of branches, "*" stands for any text, found a list of 0, e.g. branches: [main, "release/*"]',
    ],
    [
      'channel: xoxb-123-456-secret',
      'layerwise.yaml:1: expected a channel as "#name" or its id, found "***", e.g. channel: "#builds"',
    ],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)[0]).toBe(problem)
  })

  test('all mistakes of the file are told at once', () => {
    expect(problemsOf('channel: builds\ncommand: cache\nmode: live')).toHaveLength(3)
  })
})

describe('a run is reported', () => {
  const config = live(file)
  test.each([
    [{ repository: 'acme/web', branch: 'main', workflow: 'Any' }, ['#web']],
    [{ repository: 'ACME/Web', branch: 'release/1.2', workflow: 'Any' }, ['#web']],
    [{ repository: 'acme/web', branch: 'feature', workflow: 'Any' }, []],
    [{ repository: 'acme/web', branch: null, workflow: 'Any' }, []],
    [{ repository: 'acme/api', branch: null, workflow: 'CI' }, ['#builds']],
    [{ repository: 'acme/api', branch: 'main', workflow: 'Nightly CI' }, []],
    [{ repository: 'other/api', branch: 'main', workflow: 'CI' }, []],
  ])('%j in %j', (run, channels) => {
    expect(channelsFor(config, run)).toEqual(channels)
  })

  test('in the default channel when nothing is watched by name', () => {
    const open = live('', { LAYERWISE_CHANNEL: '#builds' })
    expect(channelsFor(open, { repository: 'any/thing', branch: null, workflow: '' })).toEqual(['#builds'])
  })

  test('once, though two entries of one channel fit', () => {
    const twice = live(
      'channel: "#a"\nwatch: [{repository: a/b, branches: ["*"]}, {repository: a/b, workflows: ["a*b*c"]}]',
    )
    expect(channelsFor(twice, { repository: 'a/b', branch: 'main', workflow: 'a-b-c' })).toEqual(['#a'])
  })
})

function live(text: string, more: Record<string, string> = {}): LiveConfig {
  const config = readConfig({ ...credentials, ...more }, () => text)
  if (config.kind !== 'live') throw new Error('the configuration is local')
  return config
}

function problemsOf(text: string): string[] {
  try {
    readConfig(credentials, () => text)
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems
    throw error
  }
  return []
}
