import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeConfig } from '../../src/config/describe.ts'
import { localPolicy, noPolicy } from '../../src/config/remedies.ts'
import { ConfigProblems, readConfig } from '../../src/config.ts'
import type { Policy } from '../../src/remedy/policy.ts'

const env = {
  SLACK_BOT_TOKEN: 'xoxb-1-2',
  SLACK_APP_TOKEN: 'xapp-1-2',
  GITHUB_TOKEN: 'ghp_12345678',
  LAYERWISE_CHANNEL: '#builds',
}

const whole = `
remedies:
  roles:
    - people: ["*"]
      may: [rerun, rebuild]
      repositories: [acme/*]
    - people: [U012AB3CD, github:Octo-Cat]
      may: [rerun, rebuild, prune, approve, admin]
      repositories: [acme/web]
      channels: ["#builds", C012345]
      hours: mon-fri 08:00-18:00 Europe/Berlin
  approvals: { prune: 2 }
  one-admin: true
  expires-after: 2h
  cooldown: { rebuild: 15m, prune: 1d }
  hourly: { person: 3 }
  rebuild-inputs:
    - { repository: acme/web, workflow: ci.yml, input: no-cache }
    - { repository: acme/api, input: clean }
  builders:
    - { name: ci, url: "unix:///var/run/docker.sock", repository: acme/web }
    - { name: big, url: "tcp://builder.acme.internal:2376", certificates: /etc/builder, repository: acme/web }
  audit-channel: "#audit"
`

test('the section says who may do what, and within which limits', () => {
  expect(policyOf(whole)).toEqual({
    roles: [
      { people: ['*'], may: ['rerun', 'rebuild'], repositories: ['acme/*'], channels: null, hours: null },
      {
        people: ['U012AB3CD', 'github:Octo-Cat'],
        may: ['rerun', 'rebuild', 'prune', 'approve', 'admin'],
        repositories: ['acme/web'],
        channels: ['#builds', 'C012345'],
        hours: { days: [1, 2, 3, 4, 5], from: 480, to: 1080, zone: 'Europe/Berlin' },
      },
    ],
    approvals: { prune: 2 },
    oneAdmin: true,
    expiresAfterMinutes: 120,
    cooldownMinutes: { rebuild: 15, prune: 1_440 },
    hourly: { repository: 10, person: 3, installation: 50 },
    rebuildInputs: [
      { repository: 'acme/web', workflow: '.github/workflows/ci.yml', input: 'no-cache' },
      { repository: 'acme/api', workflow: null, input: 'clean' },
    ],
    builders: [
      { name: 'ci', url: 'unix:///var/run/docker.sock', certificates: null, repository: 'acme/web' },
      { name: 'big', url: 'tcp://builder.acme.internal:2376', certificates: '/etc/builder', repository: 'acme/web' },
    ],
    auditChannel: '#audit',
  } satisfies Policy)
})

test.each(['', 'remedies: {}', 'remedies: { roles: [] }'])('%j lets nobody do anything', (text) => {
  expect(policyOf(text)).toEqual(noPolicy)
  expect(noPolicy.roles).toEqual([])
})

test('lists that are empty are no mistake: they mean nobody, nothing, nowhere', () => {
  const [role] = policyOf('remedies: { roles: [{ people: [], may: [], repositories: [], channels: [] }] }').roles
  expect(role).toEqual({ people: [], may: [], repositories: [], channels: [], hours: null })
})

test('in local mode whoever plays may do everything, whatever the file says', () => {
  expect(readConfig({}, () => whole).remedies).toEqual(localPolicy)
  expect(localPolicy.roles).toMatchObject([{ people: ['*'], repositories: ['*'], channels: null, hours: null }])
})

describe('hours', () => {
  test.each([
    ['mon-fri 08:00-18:00 Europe/Berlin', [1, 2, 3, 4, 5], 480, 1_080],
    ['Sat,Sun 22:00-06:30 UTC', [6, 7], 1_320, 390],
    ['sat-mon 00:00-24:00 America/New_York', [1, 6, 7], 0, 1_440],
    ['daily 09:15-09:16 Asia/Kolkata', [1, 2, 3, 4, 5, 6, 7], 555, 556],
    ['wed 23:59-00:00 UTC', [3], 1_439, 0],
    ['mon,mon-tue  08:00-09:00   UTC', [1, 2], 480, 540],
  ])('%j', (text, days, from, to) => {
    const zone = text.split(/\s+/).at(-1)
    expect(policyOf(withRole(`hours: "${text}"`)).roles[0]?.hours).toEqual({ days, from, to, zone })
  })

  test.each([
    'mon-fri',
    'mon-fri 08:00-18:00',
    'mon-fri 08:00-18:00 Berlin/Europe',
    'mon-fri 08:00-18:00 +02:00',
    'mon-fri 08:00-18:00 UTC too',
    'mon-tue-wed 08:00-18:00 UTC',
    'mo-fr 08:00-18:00 UTC',
    'mon- 08:00-18:00 UTC',
    ',mon 08:00-18:00 UTC',
    'mon 8:00-18:00 UTC',
    'mon 08:60-18:00 UTC',
    'mon 08:00-24:01 UTC',
    'mon 24:00-08:00 UTC',
    'mon 08:00-08:00 UTC',
  ])('%j are none', (text) => {
    expect(problemsOf(withRole(`hours: "${text}"`))).toEqual([
      `layerwise.yaml:6: expected days, hours and a time zone, found ${JSON.stringify(text)}, e.g. hours: mon-fri 08:00-18:00 Europe/Berlin`,
    ])
  })

  test('whatever is written there, it is hours or a mistake', () => {
    const part = fc.constantFrom('mon', 'sun', 'daily', '-', ',', ' ', '08:00', '24:00', 'UTC', 'x')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        const text = withRole(`hours: ${JSON.stringify(parts.join(''))}`)
        const problems = problemsOf(text)
        if (problems.length > 0) return
        const hours = policyOf(text).roles[0]?.hours
        expect(hours?.days.every((day) => day >= 1 && day <= 7)).toBe(true)
        expect(hours?.from).not.toBe(hours?.to)
      }),
    )
  })
})

describe('a mistake is told with its line', () => {
  const roles = 'found "everybody", e.g. people: [U012AB3CD, github:octocat]'
  test.each([
    [
      withRole('people: [everybody]'),
      `layerwise.yaml:6: expected Slack ids, github:LOGIN, or "*" for whoever GitHub lets, ${roles}`,
    ],
    [
      withRole('may: [rerun, delete]'),
      'layerwise.yaml:6: expected some of rerun, rebuild, prune, approve, admin, found "delete", e.g. may: [rerun, rebuild]',
    ],
    [
      withRole('repository: acme/web'),
      'layerwise.yaml:6: expected one of people, may, repositories, channels, hours (secrets belong in the environment), found the key "repository"',
    ],
    [
      'remedies:\n  roles:\n    - people: ["*"]\n      may: [rerun]',
      'layerwise.yaml:3: expected repositories as owner/name, "*" stands for any text, found nothing, e.g. repositories: [acme/*]',
    ],
    [
      'remedies:\n  roles:\n    - repositories: ["*"]\n      may: [rerun, admin]\n      people: [U01, "*"]',
      'layerwise.yaml:5: expected admins by name, as GitHub is not asked about this right, found a list of 2, e.g. people: [U012AB3CD]',
    ],
    [
      'remedies:\n  approvals:\n    prune: 0',
      'layerwise.yaml:3: expected how many others have to agree, at most 10 and at least one, found "0", e.g. prune: 2',
    ],
    [
      'remedies:\n  one-admin: yes please',
      'layerwise.yaml:2: expected true or false, found "yes please", e.g. one-admin: true',
    ],
    [
      'remedies:\n  expires-after: 60',
      'layerwise.yaml:2: expected minutes, hours or days, at most 7d, found "60", e.g. expires-after: 60m',
    ],
    [
      'remedies:\n  expires-after: 8d',
      'layerwise.yaml:2: expected minutes, hours or days, at most 7d, found "8d", e.g. expires-after: 60m',
    ],
    [
      'remedies:\n  cooldown:\n    deploy: 5m',
      'layerwise.yaml:3: expected one of rerun, rebuild, prune (secrets belong in the environment), found the key "deploy"',
    ],
    [
      'remedies:\n  hourly: { person: -1 }',
      'layerwise.yaml:2: expected a number, 0 for none, found "-1", e.g. person: 5',
    ],
    [
      'remedies:\n  rebuild-inputs:\n    - repository: acme/web\n      input: "no cache"',
      'layerwise.yaml:4: expected the name of a boolean input, found "no cache", e.g. input: no-cache',
    ],
    [
      'remedies:\n  audit-channel: audit',
      'layerwise.yaml:2: expected a channel as "#name" or its id, found "audit", e.g. audit-channel: "#audit"',
    ],
    [
      'remedies:\n  admins: [U012AB3CD]',
      'layerwise.yaml:2: expected one of roles, approvals, one-admin, expires-after, cooldown, hourly, rebuild-inputs, builders, audit-channel (secrets belong in the environment), found the key "admins"',
    ],
    ['remedies: on', 'layerwise.yaml:1: expected who may do what, found "on", e.g. remedies: { roles: [] }'],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  test('all of them at once', () => {
    const text =
      'remedies:\n  one-admin: 1\n  hourly: { person: x }\n  roles: [{ people: [you], may: [], repositories: [a] }]'
    expect(problemsOf(text)).toHaveLength(4)
  })

  test.each([
    ['http://10.0.0.7:2375', 'Builders are not reached by http://'],
    ['tcp://10.0.0.7:2375', 'Without TLS whoever reaches 10.0.0.7 is root there'],
    ['builder', 'An address of a builder is one of'],
    ['ssh://-oProxyCommand=x@host', 'The user of an ssh:// address has letters'],
  ])('a builder at %j', (url, because) => {
    const [problem] = problemsOf(
      `remedies:\n  builders:\n    - name: ci\n      repository: acme/web\n      url: ${JSON.stringify(url)}`,
    )
    expect(problem).toMatch(/^layerwise\.yaml:5: expected the address of a Docker daemon \(/)
    expect(problem).toContain(because)
    expect(problem).toContain('e.g. url: ssh://builder@10.0.0.7')
  })

  test('two builders of one name', () => {
    const builder = '{ name: ci, url: "unix:///a", repository: acme/web }'
    expect(problemsOf(`remedies:\n  builders:\n    - ${builder}\n    - ${builder}`)).toEqual([
      'layerwise.yaml:4: expected a name that no other builder has, found "ci", e.g. name: ci-2',
    ])
  })
})

describe('what is said at start', () => {
  test('nobody may use remedies unless somebody is named', () => {
    expect(describeConfig(configOf(''))).toContain('remedies: nobody may use any\n')
  })

  test('how many may, and that one admin decides alone', () => {
    expect(describeConfig(configOf(whole))).toContain(
      'remedies: 2 role(s), 2 builder(s), one admin, who may agree to their own requests, audit in #audit\n',
    )
  })
})

test('who links accounts, and who deletes packages, is in the environment', () => {
  const github = (more: Record<string, string>) => {
    const config = readConfig({ ...env, ...more }, () => '')
    return config.kind === 'live' ? config.github : null
  }
  expect(github({})).toMatchObject({ clientId: null, packagesToken: null })
  expect(github({ GITHUB_CLIENT_ID: 'Iv23liAbCd', GITHUB_PACKAGES_TOKEN: 'ghp_abcdefgh' })).toMatchObject({
    clientId: 'Iv23liAbCd',
    packagesToken: 'ghp_abcdefgh',
  })
})

/** Line 6 is the given key, which replaces one of the same name. */
function withRole(line: string): string {
  const keys = ['people: ["*"]', 'may: [rerun]', 'repositories: [acme/*]']
  const others = keys.filter((key) => key.split(':')[0] !== line.split(':')[0])
  const blank = others.length === 3 ? [] : ['']
  return [
    'remedies:',
    '  roles:',
    ...blank,
    `    - ${others[0]}`,
    ...[...others.slice(1), line].map((key) => `      ${key}`),
  ].join('\n')
}

function configOf(text: string) {
  return readConfig(env, () => text)
}

function policyOf(text: string): Policy {
  return configOf(text).remedies
}

function problemsOf(text: string): string[] {
  try {
    configOf(text)
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems
    throw error
  }
  return []
}
