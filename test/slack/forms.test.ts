import { describe, expect, test } from 'vitest'
import type { Command } from '../../src/slack/command.ts'
import { mistakesIn } from '../../src/slack/form-mistakes.ts'
import { pruneView, reasonView, rebuildView } from '../../src/slack/forms.ts'
import { md } from '../../src/thread/escape.ts'
import { startBot, type TestBot } from './support.ts'

const opens: Command = {
  ...{ name: 'fill', usage: '', summary: '', example: '', whoMay: 'everyone' },
  slack: ({ text }) => ({
    say: md``,
    ask: null,
    form: { form: text === 'rebuild' ? 'rebuild' : 'prune', repository: 'acme/web', branch: 'main' },
  }),
}
const start = (door: 'http' | 'socket') => startBot(door, { commands: [opens] })

function opened({ slack }: Pick<TestBot, 'slack'>) {
  const [modal, ...others] = slack.modals
  if (!modal || others.length > 0) throw new Error(`${slack.modals.length} forms are open`)
  return modal
}

describe.each(['http', 'socket'] as const)('a form, over %s,', (door) => {
  test('opens on a command, without a word, and what is sent is a task', async () => {
    await using bot = await start(door)
    await bot.slack.as('U0PERSON02').command('fill')
    expect(bot.slack.answers).toEqual([])
    const modal = opened(bot)
    expect(modal.user).toBe('U0PERSON02')
    const { errors } = await bot.slack.as('U0PERSON02').submit(modal, { scope: ' web ', days: '14' })
    expect(errors).toEqual({})
    expect(bot.slack.modals).toEqual([])
    expect(bot.submitted).toEqual([
      {
        key: `slack:view:${modal.id}`,
        submission: {
          formId: 'form-prune',
          user: { id: 'U0PERSON02', teamId: 'T000000001' },
          values: {
            ...{ repository: 'acme/web', what: 'caches', scope: 'web', branch: 'main', kind: 'buildkit' },
            ...{ pulls: 'all', days: '14', image: null, tags: null },
          },
        },
      },
    ])
  })

  test('stays open and shows beside its fields what is wrong, until it is right', async () => {
    await using bot = await start(door)
    await bot.slack.command('fill')
    const modal = opened(bot)
    const wrong = await bot.slack.submit(modal, { days: 'a week', branch: '--upload-pack=x' })
    expect(wrong.errors).toEqual({
      days: 'A whole number of days, 1 to 3650.',
      branch: 'No branch of Git can have that name.',
    })
    expect(bot.submitted).toEqual([])
    await bot.slack.submit(opened(bot), { days: '7' })
    expect(bot.submitted).toHaveLength(1)
  })

  test('sent again is one task', async () => {
    await using bot = await start(door)
    await bot.slack.command('fill rebuild')
    const knocked = await bot.slack.submit(opened(bot))
    expect((await bot.slack.replay(knocked)).status).toBe(200)
    expect(bot.submitted).toHaveLength(1)
  })

  test('that could not be written down stays open and says so', async () => {
    await using bot = await start(door)
    await bot.slack.command('fill rebuild')
    bot.storeDown.value = true
    const { errors } = await bot.slack.submit(opened(bot))
    expect(errors).toEqual({ repository: expect.stringContaining('nothing was started') })
    bot.storeDown.value = false
    await bot.slack.submit(opened(bot))
    expect(bot.submitted).toHaveLength(1)
  })

  test('opens on a button instead of a task, once for one press', async () => {
    await using bot = await start(door)
    const knocked = await bot.slack.pressRaw({ action_id: 'layerwise:1', value: 'why-7' })
    await bot.slack.replay(knocked)
    expect(bot.pressed).toEqual([])
    await bot.slack.submit(opened(bot), { reason: 'the cache was cold' })
    expect(bot.submitted.map(({ submission }) => submission)).toMatchObject([
      { formId: 'form-why-7', values: { reason: 'the cache was cold' } },
    ])
  })

  test.each([
    [{ method: 'views.open', error: 'expired_trigger_id' }],
    [{ method: 'views.open', status: 503 }],
    [{ method: 'views.open', lost: true }],
    [{ method: 'views.open', late: 2_400 }],
  ])(
    'that does not open is said to that person: %o',
    async (outage) => {
      await using bot = await start(door)
      bot.slack.failNext(outage)
      await bot.slack.pressRaw({ action_id: 'layerwise:1', value: 'why-7' })
      bot.slack.failNext(outage)
      await bot.slack.command('fill')
      const late = expect.stringContaining('did not open the form in time')
      expect(bot.slack.answers).toMatchObject([
        { to: 'U0PERSON01', via: 'response_url', text: late },
        { to: 'U0PERSON01', via: 'ack', text: late },
      ])
      const before = bot.slack.modals.length
      await bot.slack.pressRaw({ action_id: 'layerwise:1', value: 'why-7' })
      expect(bot.slack.modals).toHaveLength(before + 1)
      expect(bot.slack.answers).toHaveLength(2)
    },
    15_000,
  )
})

test('a form that nobody opened here does nothing', async () => {
  await using bot = await start('http')
  await bot.slack.command('fill')
  const modal = opened(bot)
  for (const forged of [{ private_metadata: '../etc' }, { private_metadata: '' }, { callback_id: 'layerwise:else' }]) {
    const { status, errors } = await bot.slack.submit({ ...modal, view: { ...modal.view, ...forged } })
    expect([status, errors]).toEqual([200, {}])
  }
  expect(bot.submitted).toEqual([])
})

describe('what people type', () => {
  const prune = { repository: 'acme/web', what: 'caches' }
  const tags = { repository: 'acme/web', what: 'tags', image: 'ghcr.io/acme/web', tags: 'buildcache, pr-*' }

  test.each([
    [prune],
    [{ ...prune, branch: 'refs/pull/12/merge', scope: 'web amd64', kind: 'any', pulls: 'closed', days: '3650' }],
    [tags],
    [{ ...tags, image: 'ghcr.io/acme/web/cache' }],
    [{ repository: 'acme/web', what: 'builder:big' }],
  ])('can be pruned: %o', (values) => {
    expect(mistakesIn('prune', values)).toEqual({})
  })

  test.each([
    [{ ...prune, repository: null }, ['repository']],
    [{ ...prune, repository: 'acme/..' }, ['repository']],
    [{ ...prune, repository: '-x/web' }, ['repository']],
    [{ ...prune, repository: 'https://github.com/acme/web' }, ['repository']],
    [{ ...prune, what: 'builder:a b' }, ['what']],
    [{ ...prune, what: null }, ['what']],
    [{ ...prune, kind: 'everything', pulls: 'mine' }, ['kind', 'pulls']],
    [{ ...prune, scope: 'a\u202eb' }, ['scope']],
    [{ ...prune, branch: 'a b' }, ['branch']],
    [{ ...prune, branch: 'a..b' }, ['branch']],
    [{ ...prune, branch: 'x'.repeat(251) }, ['branch']],
    [{ ...prune, days: '0' }, ['days']],
    [{ ...prune, days: '3651' }, ['days']],
    [{ ...prune, days: '1e3' }, ['days']],
    [{ ...tags, image: null, tags: null }, ['image', 'tags']],
    [{ ...tags, image: 'docker.io/acme/web' }, ['image']],
    [{ ...tags, image: 'ghcr.io/acme/web:main' }, ['image']],
    [{ ...tags, image: 'ghcr.io/acme/../other' }, ['image']],
    [{ ...tags, image: 'ghcr.io/other/web' }, ['image']],
    [{ ...tags, tags: 'ok, $(rm)' }, ['tags']],
    [{ ...tags, tags: Array.from({ length: 21 }, (_, tag) => `t${tag}`).join(' ') }, ['tags']],
  ])('cannot be pruned: %o', (values, wrong) => {
    expect(Object.keys(mistakesIn('prune', values))).toEqual(wrong)
  })

  test.each([
    [{ repository: 'acme/web', branch: 'main' }, []],
    [{ repository: 'acme/web', branch: 'main', workflow: '.github/workflows/ci.yml', anyway: 'yes' }, []],
    [{ repository: 'acme/web', branch: null }, ['branch']],
    [{ repository: 'acme/web', branch: 'main', workflow: '../../ci.yml' }, ['workflow']],
    [{ repository: 'acme/web', branch: 'main', workflow: 'ci.sh' }, ['workflow']],
    [{ repository: 'acme/web', branch: 'main', anyway: 'maybe' }, ['anyway']],
  ])('is rebuilt, or not: %o', (values, wrong) => {
    expect(Object.keys(mistakesIn('rebuild', values))).toEqual(wrong)
  })
})

describe('the forms themselves', () => {
  const hostile = '<!channel> <@U0PERSON01> *b* `c` \u202e & "quoted" xoxb-1234567890-abcdefghijkl '.repeat(20)

  test.each([
    ['a list of repositories', ['acme/web', 'acme/api'], null],
    ['more than Slack lists', Array.from({ length: 101 }, (_, index) => `acme/r${index}`), null],
    ['a name longer than Slack lists', [`acme/${'x'.repeat(90)}`], null],
    ['patterns', ['acme/*'], null],
    ['a repository that is not configured', ['acme/web'], 'other/web'],
    ['nothing', [], null],
  ])('open at Slack with %s, whatever they are told', async (_, repositories, repository) => {
    const given = { id: 'f-1', repositories, repository, branch: hostile }
    const builders = Array.from({ length: 30 }, (_each, index) => ({ name: `builder-${index}` }))
    const views = [pruneView({ ...given, builders }), rebuildView(given), reasonView({ id: 'f-1', question: hostile })]
    await using bot = await startBot('http')
    for (const view of views) {
      const trigger = { trigger_id: await freshTrigger(bot), view }
      expect(await bot.side.client.views.open(trigger)).toMatchObject({ ok: true })
    }
    expect(JSON.stringify(views.at(-1))).not.toMatch(/<|xoxb-1234567890/)
  })

  test('choose no repository by themselves where there are several', () => {
    const view = rebuildView({ id: 'f-1', repositories: ['acme/web', 'acme/api'], repository: null, branch: null })
    expect(JSON.stringify(view)).not.toContain('"initial_option":{"text":{"type":"plain_text","text":"acme')
  })
})

/** Of a command that opens nothing. */
async function freshTrigger({ slack }: TestBot): Promise<string> {
  const triggerId = `T${Math.random()}`
  await slack.command('help', { triggerId })
  return triggerId
}

test('a ✗ or a skip needs a reason', () => {
  expect(Object.keys(mistakesIn('reason', { reason: null }))).toEqual(['reason'])
  expect(mistakesIn('reason', { reason: 'curl still hides it' })).toEqual({})
})
