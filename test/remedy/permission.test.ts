import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Asked, mayAdmin, mayApprove, mayAsk } from '../../src/remedy/permission.ts'
import { type Right, type Role, rights } from '../../src/remedy/policy.ts'
import { accessLevels, hasAccess, operations, remedies } from '../../src/remedy/remedy.ts'
import { answerOf, asked, now, octo, policy, role } from './people.ts'

describe('somebody who fulfils every condition', () => {
  test.each(operations)('may ask for %s, and agree to it', (operation) => {
    const all = asked({ operation, access: 'admin' })
    expect([answerOf(mayAsk(all)), answerOf(mayApprove(all)), answerOf(mayAdmin(all))]).toEqual(
      Array(3).fill('allowed'),
    )
  })
})

/** Each takes one condition away and leaves the others fulfilled, in the order in which they are told. */
const takenAway: [string, Partial<Asked>, string][] = [
  ['a bot', { person: { ...octo, bot: true } }, 'bot'],
  ['a deactivated account', { person: { ...octo, deleted: true } }, 'deactivated'],
  ['a guest', { person: { ...octo, guest: true } }, 'guest'],
  ['somebody of another workspace', { person: { ...octo, stranger: true } }, 'stranger'],
  ['no roles at all', { policy: policy() }, 'no-role'],
  ['a role of others', { person: { ...octo, id: 'U0OTHER002' } }, 'no-role'],
  ['a role of nobody', { policy: policy({ ...role, people: [] }) }, 'no-role'],
  ['a role that lets do nothing', { policy: policy({ ...role, may: [] }) }, 'no-role'],
  ['another repository', { repository: 'other/web' }, 'not-this-repository'],
  ['a role of no repository', { policy: policy({ ...role, repositories: [] }) }, 'not-this-repository'],
  ['another channel', { channel: { id: 'C0RANDOM01', name: '#random' } }, 'not-this-channel'],
  ['a channel whose name is not known', { channel: { id: 'C0BUILDS01', name: null } }, 'not-this-channel'],
  ['a role of no channel', { policy: policy({ ...role, channels: [] }) }, 'not-this-channel'],
  ['the evening', { now: new Date('2026-11-18T17:00:00Z') }, 'not-at-this-hour'],
  ['a Sunday', { now: new Date('2026-11-22T09:30:00Z') }, 'not-at-this-hour'],
  ['no account at GitHub', { link: null }, 'not-linked'],
  ['too little access there', { access: 'triage' }, 'no-access-at-github'],
  ['none there', { access: 'none' }, 'no-access-at-github'],
]

describe('each condition is needed', () => {
  test.each(takenAway)('%s', (_what, over, because) => {
    expect([answerOf(mayAsk(asked(over))), answerOf(mayApprove(asked(over)))]).toEqual([because, because])
  })

  test.each(['rerun', 'rebuild', 'prune'] as const)('the right to %s', (right) => {
    const operation = operations.find((one) => remedies[one].kind === right) ?? 'rebuild'
    const others = { ...role, may: rights.filter((other) => other !== right) }
    expect(answerOf(mayAsk(asked({ operation, access: 'admin', policy: policy(others) })))).toBe('no-role')
  })

  test('the right to approve', () => {
    const others = { ...role, may: rights.filter((other) => other !== 'approve') }
    expect(answerOf(mayApprove(asked({ policy: policy(others) })))).toBe('no-role')
  })

  test('of several that are missing the first is told', () => {
    const all: Partial<Asked> = Object.assign({}, ...takenAway.toReversed().map(([, over]) => over))
    const person = { ...octo, bot: true, deleted: true, guest: true, stranger: true }
    expect(answerOf(mayAsk(asked({ ...all, person })))).toBe('bot')
    expect(answerOf(mayAsk(asked({ ...all, person: { ...person, bot: false } })))).toBe('deactivated')
    expect(answerOf(mayAsk(asked({ ...all, person: { ...person, bot: false, deleted: false } })))).toBe('guest')
    expect(answerOf(mayAsk(asked({ ...all, person: { ...octo, stranger: true } })))).toBe('stranger')
    expect(answerOf(mayAsk(asked({ ...all, person: octo })))).toBe('no-role')
    expect(answerOf(mayAsk(asked({ ...all, person: octo, policy: policy(role) })))).toBe('not-this-repository')
  })
})

describe('GitHub must let them do', () => {
  const table = operations.flatMap((operation) => accessLevels.map((access) => ({ operation, access })))
  test.each(table)('$operation with $access', ({ operation, access }) => {
    const answer = hasAccess(access, remedies[operation].access) ? 'allowed' : 'no-access-at-github'
    expect(answerOf(mayAsk(asked({ operation, access })))).toBe(answer)
    expect(answerOf(mayApprove(asked({ operation, access })))).toBe(answer)
  })
})

describe('a role is of', () => {
  const everybody = { ...role, people: ['*'] }
  test.each<[string, Role, Partial<Asked>, string]>([
    ['whoever GitHub lets', everybody, { person: { ...octo, id: 'U0ANY00003' } }, 'allowed'],
    ['whoever GitHub lets, and no guest', everybody, { person: { ...octo, guest: true } }, 'guest'],
    ['whoever GitHub lets, and no stranger', everybody, { person: { ...octo, stranger: true } }, 'stranger'],
    ['whoever GitHub lets, if they say who they are', everybody, { link: null }, 'not-linked'],
    ['a login, its case aside', { ...role, people: ['github:OCTO'] }, { link: { login: 'Octo', id: 1 } }, 'allowed'],
    [
      'a login, and nobody else’s',
      { ...role, people: ['github:octo'] },
      { link: { login: 'octo2', id: 2 } },
      'no-role',
    ],
    ['a login that somebody has linked', { ...role, people: ['github:octo'] }, { link: null }, 'no-role'],
    ['an id, written as Slack writes it', { ...role, people: ['u0octo0001'] }, {}, 'no-role'],
    ['no login that is written like an id', { ...role, people: ['octo'] }, {}, 'no-role'],
    ['repositories by pattern', { ...role, repositories: ['acme/w*b'] }, { repository: 'ACME/Web' }, 'allowed'],
    [
      'no repository that only begins so',
      { ...role, repositories: ['acme/web'] },
      { repository: 'acme/web2' },
      'not-this-repository',
    ],
    ['channels by id', { ...role, channels: ['C0BUILDS01'] }, { channel: { id: 'C0BUILDS01', name: null } }, 'allowed'],
    ['any channel', { ...role, channels: null }, { channel: { id: 'C0RANDOM01', name: null } }, 'allowed'],
    ['any hour', { ...role, hours: null }, { now: new Date('2026-11-22T03:00:00Z') }, 'allowed'],
  ])('%s', (_what, one, over, answer) => {
    expect(answerOf(mayAsk(asked({ policy: policy(one), ...over })))).toBe(answer)
  })

  test('two roles do not lend each other what each lacks', () => {
    const elsewhere = { ...role, repositories: ['other/*'] }
    const another = { ...role, channels: ['#other'] }
    const request = asked({ policy: policy(elsewhere, another) })
    expect(answerOf(mayAsk(request))).toBe('not-this-channel')
    expect(answerOf(mayAsk({ ...request, repository: 'other/api' }))).toBe('allowed')
    const always = { ...role, channels: ['#other'], hours: null }
    const evening = new Date('2026-11-18T19:00:00Z')
    expect(answerOf(mayAsk(asked({ policy: policy(role, always), now: evening })))).toBe('not-at-this-hour')
  })
})

describe('the rights of an admin', () => {
  test('are of no repository and no channel, and need no account at GitHub', () => {
    const narrow = { ...role, repositories: [], channels: [] }
    expect(answerOf(mayAdmin({ policy: policy(narrow), person: octo, link: null, now }))).toBe('allowed')
  })

  test.each(takenAway.filter(([, over]) => 'person' in over || 'now' in over))(
    'are not those of %s',
    (_what, over, because) => {
      expect(answerOf(mayAdmin(asked(over)))).toBe(because)
    },
  )

  test('do not come with other rights', () => {
    const others = { ...role, may: rights.filter((right) => right !== 'admin') }
    expect(answerOf(mayAdmin(asked({ policy: policy(others) })))).toBe('no-role')
  })
})

describe('who is refused is told what to do', () => {
  test.each<[Partial<Asked>, RegExp]>([
    [{ link: null }, /\/cache link/],
    [{ policy: policy() }, /Nobody may do this yet: no role is configured\..*remedies\.roles/],
    [{ policy: policy({ ...role, people: ['github:octo'] }), link: null }, /\/cache link/],
    [{ repository: 'other/web' }, /does not reach other\/web.*remedies\.roles/],
    [{ channel: { id: 'C1', name: null } }, /#builds/],
    [{ access: 'read' }, /octo has read access to acme\/web; this needs write access/],
    [{ operation: 'prune-tags' }, /octo has write access to acme\/web; this needs admin access/],
  ])('%j', (over, words) => {
    const permission = mayAsk(asked(over))
    expect(permission.kind === 'refused' && permission.words).toMatch(words)
  })
})

describe('whatever is configured and whoever asks', () => {
  const ids = ['U0OCTO0001', 'U0OTHER002']
  const roles = fc.array(
    fc.record({
      people: fc.uniqueArray(fc.constantFrom('*', 'github:octo', ...ids)),
      may: fc.uniqueArray(fc.constantFrom(...rights)),
      repositories: fc.uniqueArray(fc.constantFrom('*', 'acme/*', 'acme/web', 'other/*')),
      channels: fc.option(fc.uniqueArray(fc.constantFrom('#builds', 'C0BUILDS01', '#other'))),
      hours: fc.option(
        fc.record({
          days: fc.uniqueArray(fc.integer({ min: 1, max: 7 })),
          from: fc.integer({ min: 0, max: 1_439 }),
          to: fc.integer({ min: 0, max: 1_440 }),
          zone: fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Auckland'),
        }),
      ),
    }),
    { maxLength: 3 },
  )
  const anything: fc.Arbitrary<Asked> = fc.record({
    policy: roles.map((some) => policy(...some)),
    operation: fc.constantFrom(...operations),
    person: fc.record({ id: fc.constantFrom(...ids), ...flags('bot', 'guest', 'stranger', 'deleted') }),
    link: fc.option(fc.record({ login: fc.constantFrom('octo', 'hubot'), id: fc.nat() })),
    access: fc.constantFrom(...accessLevels),
    repository: fc.constantFrom('acme/web', 'other/api'),
    channel: fc.constantFrom({ id: 'C0BUILDS01', name: '#builds' }, { id: 'C2', name: null }),
    now: fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
  })
  const may = { ask: mayAsk, approve: mayApprove, admin: mayAdmin }
  const doors = fc.constantFrom(...(['ask', 'approve', 'admin'] as const))

  test('nobody may do anything where a list is empty', () => {
    const emptied = fc.constantFrom<Partial<Role>>({ people: [] }, { may: [] }, { repositories: [] }, { channels: [] })
    fc.assert(
      fc.property(anything, emptied, doors, (request, over, door) => {
        if (door === 'admin' && !('people' in over) && !('may' in over)) return
        const empty = policy(...request.policy.roles.map((one) => ({ ...one, ...over })))
        expect(may[door]({ ...request, policy: empty }).kind).toBe('refused')
      }),
    )
  })

  test('to restrict a role never lets anybody do more', () => {
    const keep = fc.infiniteStream(fc.boolean())
    fc.assert(
      fc.property(anything, keep, doors, (request, coins, door) => {
        if (may[door](request).kind === 'allowed') return
        const some = <Item>(list: Item[]) => list.filter(() => coins.next().value)
        const restricted = some(request.policy.roles).map((one) => ({
          people: some(one.people),
          may: some(one.may),
          repositories: some(one.repositories),
          channels: one.channels === null ? null : some(one.channels),
          hours: one.hours === null ? null : { ...one.hours, days: some(one.hours.days) },
        }))
        expect(may[door]({ ...request, policy: policy(...restricted) }).kind).toBe('refused')
      }),
      { numRuns: 500 },
    )
  })

  test('nobody is trusted more for being a bot, a guest, a stranger or gone, or for less access', () => {
    const worse = fc.constantFrom<(request: Asked) => Asked>(
      (request) => ({ ...request, person: { ...request.person, bot: true } }),
      (request) => ({ ...request, person: { ...request.person, guest: true } }),
      (request) => ({ ...request, person: { ...request.person, stranger: true } }),
      (request) => ({ ...request, person: { ...request.person, deleted: true } }),
      (request) => ({ ...request, access: 'none' }),
    )
    fc.assert(
      fc.property(anything, worse, (request, change) => {
        expect(mayAsk(change(request)).kind).toBe('refused')
        expect(mayApprove(change(request)).kind).toBe('refused')
      }),
    )
  })

  test('some are allowed, so these properties say something', () => {
    const some = fc.sample(anything, 3_000).filter((request) => mayAsk(request).kind === 'allowed')
    expect(some.length).toBeGreaterThan(20)
  })

  function flags<Name extends string>(...names: Name[]) {
    const rare = fc.integer({ min: 0, max: 9 }).map((number) => number === 0)
    return Object.fromEntries(names.map((name) => [name, rare])) as Record<Name, fc.Arbitrary<boolean>>
  }
})

test('every right is one that somebody needs for something', () => {
  const used: Right[] = [...operations.map((operation): Right => remedies[operation].kind), 'approve', 'admin']
  expect(rights.filter((right) => !used.includes(right))).toEqual([])
})
