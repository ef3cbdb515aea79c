import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { expect, test } from 'vitest'
import { brokenBecause, genesis } from '../../src/remedy/audit.ts'
import { openStore, readAudit, type Store } from '../../src/store/store.ts'
import { type DatabaseEngine, describeOnEngines } from '../support/engines.ts'
import { atOnce, entry, openTwo } from './remedy-data.ts'

describeOnEngines('the audit', (engine) => {
  test('of a new database is empty, and in order', async () => {
    await using store = await openStore(await engine.create())
    expect(await store.audit.verify()).toEqual({ rows: 0, head: null, broken: null })
    expect(await store.audit.head()).toBeNull()
  })

  test('of two processes that write 50 rows at once is one chain without a gap', async () => {
    await using two = await openTwo(engine)
    const written = await atOnce(two.both, 50, (store, index) => store.audit.append(entry({ reason: `row ${index}` })))
    expect(written.map(({ seq }) => seq).sort((one, other) => one - other)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 2),
    )
    const last = written.find(({ seq }) => seq === 51)
    const head = { seq: 51, hash: last?.hash }
    // the first row: dry run was switched off
    expect(await two.both[1].audit.verify()).toEqual({ rows: 51, head, broken: null })
  })

  test('is read in order over several pages, each row with the hash of the one before', async () => {
    await using store = await openStore(await engine.create())
    await fill(store, 1203)
    let before: { seq: number; hash: string } | null = null
    for await (const row of store.audit.each()) {
      expect(brokenBecause(row, before)).toBeNull()
      if (before === null) expect(row.previousHash).toBe(genesis)
      before = row
    }
    expect(before?.seq).toBe(1203)
    expect(await store.audit.head()).toMatchObject({ seq: 1203, hash: before?.hash })
  })

  test('says that all is well while rows are added', async () => {
    await using two = await openTwo(engine)
    const adding = fill(two.both[0], 60)
    for (let times = 0; times < 10; times++) expect((await two.both[1].audit.verify()).broken).toBeNull()
    await adding
  })

  test('keeps any text and reads it back unchanged, but for what no database takes', async () => {
    await using store = await openStore(await engine.create())
    const row = await store.audit.append(entry({ reason: "a\0b 'quoted' \ud83d 🐳 \u202e", result: '\n' }))
    expect([row.reason, row.result]).toEqual(["ab 'quoted' \ufffd 🐳 \u202e", '\n'])
    expect((await store.audit.verify()).broken).toBeNull()
  })

  test('has one row of a kind for a request, however often and from wherever it is told', async () => {
    await using two = await openTwo(engine)
    const verdict = { ...entry({ kind: 'verdict' }), requestId: 'r1' }
    await Promise.all(two.both.flatMap((store) => [1, 2, 3].map(() => store.audit.appendOnce(verdict))))
    await two.both[0].audit.appendOnce({ ...verdict, requestId: 'r2' })
    const told: (string | null)[] = []
    for await (const row of two.both[1].audit.each()) if (row.kind === 'verdict') told.push(row.requestId)
    expect(told).toEqual(['r1', 'r2'])
    expect((await two.both[0].audit.verify()).broken).toBeNull()
  })

  test('refuses an entry that is not one, and writes nothing', async () => {
    await using store = await openStore(await engine.create())
    await expect(store.audit.append(entry({ at: 'yesterday' }))).rejects.toThrow(/datetime/)
    expect(await store.audit.head()).toBeNull()
  })

  test('can be read and verified from a terminal beside the bot', async () => {
    const url = await engine.create()
    await using store = await openStore(url)
    await fill(store, 3)
    const reader = readAudit(url)
    expect(await reader.verify()).toMatchObject({ rows: 3, broken: null })
    expect(await reader.head()).toEqual(await store.audit.head())
    const seqs: number[] = []
    for await (const { seq } of reader.each()) seqs.push(seq)
    expect(seqs).toEqual([1, 2, 3])
    await reader.close()
  })

  test.for([
    ['a change of a row', "update audit set reason = 'never' where seq = 2"],
    ['a change that leaves all as it is', 'update audit set seq = seq'],
    ['the removal of a row', 'delete from audit where seq = 2'],
    ['the removal of all rows', 'delete from audit'],
    ['the removal of the head', 'delete from audit_head'],
    ['a head that goes back', 'update audit_head set seq = seq - 1'],
  ] as const)('refuses %s, whoever asks', async ([, statement]) => {
    const url = await engine.create()
    await using store = await openStore(url)
    await fill(store, 3)
    await expect(rawly(engine, url, [statement])).rejects.toThrow(
      /audit.* (is|was|were)? ?(only ever added to|refused)/i,
    )
    expect(await store.audit.verify()).toMatchObject({ rows: 3, broken: null })
  })

  test('refuses to be emptied or written over in the ways that triggers on rows do not see', async () => {
    const url = await engine.create()
    await using store = await openStore(url)
    await fill(store, 3)
    const sly = engine.shared
      ? ['truncate audit', 'truncate audit_head']
      : [
          "insert or replace into audit select seq, at, kind, slack_id, github_login, repository, 'else', request_id, plan_hash, reason, result, link, previous_hash, hash from audit where seq = 2",
        ]
    for (const statement of sly) await expect(rawly(engine, url, [statement])).rejects.toThrow(/only ever added to/)
    expect(await store.audit.verify()).toMatchObject({ rows: 3, broken: null })
  })

  const changed = [
    'at',
    'kind',
    'slack_id',
    'github_login',
    'repository',
    'what',
    'request_id',
    'plan_hash',
    'reason',
    'result',
    'link',
    'hash',
  ]
  test.for(changed)('shows that the %s of a row was changed by somebody who may do anything', async (column) => {
    const { url } = await tampered(engine, [`update audit set ${column} = 'denied!' where seq = 3`])
    await using store = await openStore(url)
    expect(await store.audit.verify()).toMatchObject({ rows: 2, broken: 'row 3 was changed after it was written' })
  })

  test.for([
    ['row 2 follows another row', "update audit set previous_hash = 'else' where seq = 2", 1, /row 2 does not follow/],
    ['the first row is gone', 'delete from audit where seq = 1', 0, /row 1 is missing, row 2 follows/],
    ['a row in the middle is gone', 'delete from audit where seq = 3', 2, /row 3 is missing, row 4 follows/],
    ['the last row is gone', 'delete from audit where seq = 5', 4, /the end is missing: row 5/],
    ['the last three rows are gone', 'delete from audit where seq > 2', 2, /row 3 .* up to row 5/],
    ['all rows are gone', 'delete from audit', 0, /the end is missing: row 1/],
    ['the head is gone', 'delete from audit_head', 0, /the head of the chain is gone/],
    ['the head is another', "update audit_head set hash = 'else'", 5, /head does not have the hash of row 5/],
    ['the head goes back', 'update audit_head set seq = 4', 5, /the head says that row 4 is the last, row 5 follows/],
  ] as const)('shows that %s', async ([, statement, rows, broken]) => {
    const { url } = await tampered(engine, [statement])
    await using store = await openStore(url)
    expect(await store.audit.verify()).toMatchObject({ rows, broken: expect.stringMatching(broken) })
  })

  test('shows that a row was removed and the rest counted anew', async () => {
    const { url } = await tampered(engine, [
      'delete from audit where seq = 3',
      'update audit set seq = 3 where seq = 4',
      'update audit set seq = 4 where seq = 5',
      'update audit_head set seq = 4',
    ])
    await using store = await openStore(url)
    expect(await store.audit.verify()).toMatchObject({ rows: 2, broken: 'row 3 does not follow row 2' })
  })

  test('is added to no more when its head is gone: what cannot be audited is not done', async () => {
    const { url } = await tampered(engine, ['delete from audit_head'])
    await using store = await openStore(url)
    await expect(store.audit.append(entry())).rejects.toThrow(/nothing is done that cannot be audited/)
    await expect(store.switches.setDryRun(false, 'UADMIN', new Date())).rejects.toThrow(/cannot be audited/)
    expect(await store.switches.get()).toMatchObject({ dryRun: true })
  })
})

async function fill(store: Store, rows: number): Promise<void> {
  for (let row = 1; row <= rows; row++) await store.audit.append(entry({ reason: `row ${row}` }))
}

/** Five rows, then what somebody does who owns the database: the triggers go first. */
async function tampered(engine: DatabaseEngine, statements: string[]): Promise<{ url: string }> {
  const url = await engine.create()
  const store = await openStore(url)
  await fill(store, 5)
  await store.close()
  const triggers = engine.shared
    ? [
        'drop trigger audit_rows_stay on audit',
        'drop trigger audit_head_stays on audit_head',
        'drop trigger audit_head_goes_on on audit_head',
      ]
    : ['audit_rows_stay', 'audit_stays', 'audit_head_stays', 'audit_head_goes_on'].map((name) => `drop trigger ${name}`)
  await rawly(engine, url, [...triggers, ...statements])
  return { url }
}

/** Past Layerwise, on a connection of its own. */
async function rawly({ shared }: DatabaseEngine, url: string, statements: string[]): Promise<void> {
  if (!shared) {
    const file = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 5000 })
    try {
      for (const statement of statements) file.exec(statement)
    } finally {
      file.close()
    }
    return
  }
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query('set search_path to layerwise')
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
