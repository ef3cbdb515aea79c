import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRunbook } from '../../src/diagnosis/runbook.ts'
import { printProblem } from '../../src/diagnosis/runbook-problem.ts'
import { loadRunbooks } from '../../src/diagnosis/runbooks.ts'

const page = `---
title: Disk space
owner: platform team
---
# Disk space

## When to use
- A build ended with *no space left*

## Cache sources
- **GitHub Actions cache** (\`type=gha\`), per workflow

## Cache invalidation triggers

| Change | Invalidates |
|---|---|
| \`Cargo.toml\` / \`Cargo.lock\` | Rust dependency layer |

## Verification
- [ ] \`CACHED\` in output

## Prohibited actions
- Do not prune by hand

## See also
- [the workflow](../.github/workflows/ci.yml)
- \`web/Dockerfile\`

## Common failures

| Error | Cause | Fix |
|---|---|---|
| [\`no space left\`](#the-builder's-disk-is-full) | disk full | prune |

### The builder's disk is full

Some words.

\`\`\`yaml
# an example, not the machine part
cache-from: type=gha
\`\`\`

\`\`\`yaml
id: disk-full-builder
family: disk
title: The disk is full
summary: "{path|A file} could not be written."
severity: fatal
transient: no
where: [step, error]
signs:
  - No Space Left on device
  - '/write (?P<path>\\S+): disk quota exceeded/'
unless: [{ where: [runner], sign: "You are running out of disk space" }, "Quota of the cache"]
step: RUN
rank: 90
remedies:
  prune: { verdict: helps, why: "It frees the disk." }
\`\`\`

Fix
1. Prune with \`docker buildx prune\`,
   see [the manual](https://example.com)
2. A bigger disk for {path|the builder}

\`\`\`log
#9 ERROR: no space left on device
\`\`\`

\`\`\`log no-match
all is well
\`\`\`
`.replaceAll("#the-builder's-disk-is-full", '#the-builders-disk-is-full')

test('reads a page as data', () => {
  const { runbook, problems } = readRunbook('runbooks/disk.md', page)
  expect(problems.map(printProblem)).toEqual([])
  expect(runbook).toMatchObject({
    title: 'Disk space',
    owner: 'platform team',
    whenToUse: ['A build ended with *no space left*'],
    cacheSources: ['**GitHub Actions cache** (`type=gha`), per workflow'],
    triggers: [{ change: 'Cargo.toml / Cargo.lock', invalidates: 'Rust dependency layer' }],
    failures: [{ error: 'no space left', cause: 'disk full', fix: 'prune', anchor: 'the-builders-disk-is-full' }],
    verification: [{ text: '`CACHED` in output', line: 20, check: null }],
    prohibited: ['Do not prune by hand'],
    seeAlso: [
      { text: 'the workflow', url: '../.github/workflows/ci.yml' },
      { text: '`web/Dockerfile`', url: '' },
    ],
  })
})

test('a section becomes a row with its signs, fix and samples', () => {
  const [row] = readRunbook('runbooks/disk.md', page).runbook?.rows ?? []
  expect(row).toMatchObject({
    id: 'disk-full-builder',
    where: ['step', 'error'],
    signs: [
      { kind: 'literal', text: 'no space left on device' },
      { kind: 'pattern', source: 'write (?P<path>\\S+): disk quota exceeded', literals: [': disk quota exceeded'] },
    ],
    unless: [
      { where: ['runner'], sign: { text: 'you are running out of disk space' } },
      { where: ['step', 'error'], sign: { text: 'quota of the cache' } },
    ],
    step: { kind: 'literal', text: 'run' },
    stepUnless: null,
    rank: 90,
    fix: ['Prune with `docker buildx prune`, see the manual', 'A bigger disk for {path|the builder}'],
    remedies: [{ kind: 'prune', verdict: 'helps', why: 'It frees the disk.' }],
    runbook: { file: 'runbooks/disk.md', anchor: 'the-builders-disk-is-full' },
    samples: [
      { kind: 'match', text: '#9 ERROR: no space left on device' },
      { kind: 'no-match', text: 'all is well' },
    ],
  })
  const [sample] = row?.samples ?? []
  expect(page.split('\n')[(sample?.line ?? 0) - 1]).toBe('#9 ERROR: no space left on device')
})

test('says all that is wrong with a page at once, each with its line and what would be right', () => {
  const broken = `---
title: Disk space
colour: red
---
## Common failures

| Error | Cause | Fix |
|---|---|---|
| [no space](#disk-full) | a | b |
| [elsewhere](#nowhere) | a | b |
| not linked | a | b |
| [quiet](#quiet) | a | b |

## Disk full

\`\`\`yaml
id: Disk Full
family: disc
title: "{drive} is full"
summary: Something
severity: fatal
where: [step, kitchen]
signs: ["df", "/no space (left/"]
rank: 500
colour: blue
remedies: { prune: { verdict: maybe, why: "Who knows." } }
\`\`\`

\`\`\`log maybe
df
\`\`\`

## Quiet

\`\`\`yaml
id: quiet
family: disk
title: "{drive} is full"
summary: Something
severity: fatal
transient: no
signs: []
\`\`\`

1. Fix nothing

## Forgotten

\`\`\`yaml
id: forgotten
\`\`\`
`
  const { runbook, problems } = readRunbook('runbooks/broken.md', broken)
  expect(runbook).toBeNull()
  expect(`\n${problems.map(printProblem).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    runbooks/broken.md:2: \`owner\` is missing, expected who keeps the page true, e.g. owner: platform team
    runbooks/broken.md:3: unknown key \`colour\`, expected one of title, owner, when-to-use
    runbooks/broken.md:10: the row "elsewhere" links to #nowhere, and this page has no such section, expected one of #common-failures, #disk-full, #quiet, #forgotten
    runbooks/broken.md:11: the row "not linked" links to no section of this page, expected one, e.g. | [not linked](#disk-full) | … | … |
    runbooks/broken.md:14: section "Disk full" needs a \`log\` block with a real fragment that shows the cause, found none
    runbooks/broken.md:14: section "Disk full" needs a line "Fix" with a numbered list below it, found none, e.g. "Fix" and "1. Prune the builder"
    runbooks/broken.md:17: \`id\` should be the name of the cause in lower case with hyphens, found "Disk Full", e.g. id: disk-full-builder
    runbooks/broken.md:17: \`transient\` is missing, expected one of yes, maybe, no, e.g. transient: no
    runbooks/broken.md:18: \`family\` should be one of cache-backend, registry, local-cache, cache-miss, disk, base-image, dockerfile, run, builder, push, not-docker, unknown, found "disc", e.g. family: disk
    runbooks/broken.md:22: \`where.1\` should be a list of places (step, error, import, export, push, metadata, client, runner, job), found "kitchen", e.g. where: [step, export]
    runbooks/broken.md:23: \`signs\`: "df" is too short to mean anything, expected at least 4 characters, e.g. "ENOSPC"
    runbooks/broken.md:23: \`signs\`: "/no space (left/" is no RE2 pattern (error parsing regexp: missing closing ): \`no space (left\`), expected one, e.g. /E: Unable to locate package (?P<name>\\S+)/
    runbooks/broken.md:24: \`rank\` should be a whole number from 0 (fallback) to 100 (most basic), found 500, e.g. rank: 50
    runbooks/broken.md:25: unknown key \`colour\`, expected one of id, family, title, summary, severity, transient, decided-by, confirmed-by, where, signs, all, unless, step, step-unless, rank, remedies
    runbooks/broken.md:26: \`remedies.prune.verdict\` should be for rerun, rebuild or prune a verdict (helps, useless, harmful) and why, found "maybe", e.g. remedies: { rerun: { verdict: helps, why: "The mirror was down for a moment." } }
    runbooks/broken.md:29: a log block is marked "maybe", expected \`log\` or \`log no-match\`
    runbooks/broken.md:33: section "Quiet" needs a \`log\` block with a real fragment that shows the cause, found none
    runbooks/broken.md:33: section "Quiet" needs a line "Fix" with a numbered list below it, found none, e.g. "Fix" and "1. Prune the builder"
    runbooks/broken.md:38: \`title\` quotes {drive}, which no sign captures, expected a name from a sign, e.g. /cannot find (?P<drive>\\S+)/
    runbooks/broken.md:42: \`signs\` needs at least one text or /pattern/, found an empty list, e.g. signs: ["ENOSPC"]
    runbooks/broken.md:50: section "Forgotten" describes a cause, but no row of *Common failures* links to it, expected | [error](#forgotten) | cause | fix |
    "
  `)
})

test('short or broken signs are refused where they stand', () => {
  const broken = page.replace('  - No Space Left on device', '  - df\n  - "/no space (left/"')
  expect(readRunbook('disk.md', broken).problems.map(printProblem)).toMatchInlineSnapshot(`
    [
      "disk.md:53: \`signs\`: "df" is too short to mean anything, expected at least 4 characters, e.g. "ENOSPC"",
      "disk.md:54: \`signs\`: "/no space (left/" is no RE2 pattern (error parsing regexp: missing closing ): \`no space (left\`), expected one, e.g. /E: Unable to locate package (?P<name>\\S+)/",
    ]
  `)
})

test('a page without front matter says so', () => {
  expect(readRunbook('x.md', '# Title\n').problems.map(printProblem)).toMatchInlineSnapshot(`
    [
      "x.md:1: the page needs front matter between two lines of ---, found none, e.g. title: Disk space and owner: platform team",
    ]
  `)
})

test("a team's own row wins over ours, and README.md is no page", async () => {
  const dir = await mkdtemp(join(tmpdir(), 'runbooks-'))
  try {
    await mkdir(join(dir, 'ours'))
    await mkdir(join(dir, 'theirs'))
    await writeFile(join(dir, 'ours', 'disk.md'), page)
    await writeFile(join(dir, 'ours', 'README.md'), 'no front matter here')
    await writeFile(join(dir, 'theirs', 'own.md'), page.replace('title: The disk is full', 'title: Ask Ann'))
    const { rows, runbooks } = await loadRunbooks([join(dir, 'ours'), join(dir, 'theirs')])
    expect(runbooks.map(({ file }) => file)).toEqual(['ours/disk.md', 'theirs/own.md'])
    expect(rows.get('disk-full-builder')?.title).toBe('Ask Ann')
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('problems of all pages of all folders come together, an id used twice among them', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'runbooks-'))
  try {
    await writeFile(join(dir, 'a.md'), page)
    await writeFile(join(dir, 'b.md'), page)
    await writeFile(join(dir, 'c.md'), '# Nothing\n')
    const failed = await loadRunbooks([dir]).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'RUNBOOK_PROBLEMS', problems: { length: 2 } })
    expect(String(failed).replaceAll(dir, 'DIR')).toMatchInlineSnapshot(`
      "RunbookProblems: 2 problems in the runbooks:
      DIR/c.md:1: the page needs front matter between two lines of ---, found none, e.g. title: Disk space and owner: platform team
      DIR/b.md:45: the id disk-full-builder is also used in DIR/a.md, expected an id of its own for each cause"
    `)
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('what was read is kept under the hash of the pages, and read anew when one of them changes', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'runbooks-'))
  const compiledIn = join(dir, 'compiled')
  try {
    await writeFile(join(dir, 'disk.md'), page)
    const read = await loadRunbooks([dir], { compiledIn })
    expect(await loadRunbooks([dir], { compiledIn })).toEqual(read)
    expect(await readdir(compiledIn)).toHaveLength(1)

    await writeFile(join(dir, 'disk.md'), page.replace('title: The disk is full', 'title: Ask Ann'))
    expect((await loadRunbooks([dir], { compiledIn })).rows.get('disk-full-builder')?.title).toBe('Ask Ann')

    for (const name of await readdir(compiledIn)) await writeFile(join(compiledIn, name), '{ half a fi')
    expect((await loadRunbooks([dir], { compiledIn })).rows.get('disk-full-builder')?.title).toBe('Ask Ann')
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('a folder that cannot be written is no reason to fail', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'runbooks-'))
  try {
    await writeFile(join(dir, 'disk.md'), page)
    expect((await loadRunbooks([dir], { compiledIn: join(dir, 'disk.md', 'no folder') })).rows.size).toBe(1)
  } finally {
    await rm(dir, { recursive: true })
  }
})
