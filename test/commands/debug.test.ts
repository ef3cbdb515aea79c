import { describe, expect, test } from 'vitest'
import { commands } from '../../commands/commands.ts'
import { debug } from '../../commands/debug.ts'
import { runLinks } from '../../src/alert/from-text.ts'
import { readTarget } from '../../src/alert/target.ts'
import { printMessage } from '../../src/playground/print-thread.ts'

const github = 'https://github.com'
const one = { here: ['acme/web'], all: ['acme/web', 'acme/api'] }
const two = { here: ['acme/web', 'acme/api'], all: ['acme/web', 'acme/api'] }
const none = { here: [], all: [] }

function typed(text: string, watched = one) {
  const { say, ask } = debug.slack({
    text,
    links: runLinks(text, github),
    target: readTarget(text, github),
    watched,
    slash: '/cache',
    commands,
    user: 'U1',
    teamId: 'T1',
    channel: 'C1',
    responseUrl: 'https://hooks.slack.com/x',
  })
  return { said: printMessage({ ts: '', text: say.mrkdwn }), target: ask && 'target' in ask ? ask.target : ask }
}

describe('/cache debug', () => {
  test.each([
    ['', { kind: 'repository', repository: 'acme/web', branch: null }],
    ['#12', { kind: 'pull', repository: 'acme/web', number: 12 }],
    ['acme/api@main', { kind: 'repository', repository: 'acme/api', branch: 'main' }],
    // as the configuration spells it
    ['ACME/Web#12', { kind: 'pull', repository: 'acme/web', number: 12 }],
    ['https://github.com/acme/api/pull/3', { kind: 'pull', repository: 'acme/api', number: 3 }],
  ])('%s is looked for', (text, target) => {
    expect(typed(text).target).toEqual(target)
    expect(typed(text).said).toContain('Looking for the latest build of `acme/')
  })

  test('of a repository that nobody named every visible one may be asked for', () => {
    expect(typed('else/where', none).target).toMatchObject({ repository: 'else/where' })
  })

  test('where several report to the channel, it asks which, with commands to copy', () => {
    expect(typed('', two)).toMatchInlineSnapshot(`
      {
        "said": "2 repositories report to this channel. Which one?
      • \`/cache debug acme/web\`
      • \`/cache debug acme/api\`",
        "target": null,
      }
    `)
    expect(typed('#12', two).said).toContain('• `/cache debug acme/api#12`')
  })

  test('where none reports to the channel, it says what to type', () => {
    expect(typed('', none)).toMatchInlineSnapshot(`
      {
        "said": "No repository reports to this channel, so I need its name.
      Name a repository, a branch or a pull request: \`/cache debug acme/web\`, \`/cache debug acme/web@main\`, \`/cache debug acme/web#12\`.
      Or give me the link to a run or job: \`/cache debug https://github.com/acme/web/actions/runs/123456789\`.",
        "target": null,
      }
    `)
  })

  test('a repository that is not watched is refused, whatever names it', () => {
    for (const text of ['secret/plans', 'secret/plans#1', 'https://github.com/secret/plans/pull/1'])
      expect(typed(text)).toEqual({
        said: '`secret/plans` is not among the repositories that I watch.\nIn this channel `/cache debug acme/web` works; others stand under `watch` in my configuration.',
        target: null,
      })
  })

  test('what is no name at all is said, and mentions nobody', () => {
    const { said, target } = typed('acme/<!channel> please')
    expect(said).toContain('is nothing I can follow.')
    expect(target).toBeNull()
  })
})
