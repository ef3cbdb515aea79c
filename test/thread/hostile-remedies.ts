import fc from 'fast-check'
import { type Execution, executionSchema, executionStates } from '../../src/remedy/execution.ts'
import { type Plan, planSchema } from '../../src/remedy/plan.ts'
import { type Request, requestSchema, requestStates, voteKinds } from '../../src/remedy/request.ts'
import type { RemediesShown } from '../../src/thread/offers.ts'
import { type Checklist, checklistSchema, checkNames, itemStates } from '../../src/verdict/checklist.ts'
import { verdictKinds } from '../../src/verdict/verdict.ts'
import { hostile as anyText } from './hostile.ts'

/** Any request and checklist that the contracts allow, with what an attacker would name branches, tags and cache keys. */
const hostile = fc.oneof(
  { weight: 4, arbitrary: anyText },
  fc.constantFrom(
    'k'.repeat(10_000),
    '<!channel>'.repeat(1_000),
    `x-${'`'.repeat(400)}`,
    `key ghp_${'a1B2c3D4e5F6'.repeat(3)}`,
  ),
)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const when = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
const size = fc.nat({ max: 1e12 })
const opaque = fc.string({ minLength: 22, maxLength: 22, unit: fc.constantFrom(...'abcXYZ019-_') })
const place = { repository: hostile, branch: maybe(hostile) }
const run = { ...place, runId: fc.nat(), attempt: fc.integer({ min: 1, max: 99 }), debug: fc.boolean() }
const cold = fc.array(hostile, { maxLength: 12 })

const cacheEntry = fc.record({
  ...{ id: fc.nat(), key: hostile, ref: hostile, sizeBytes: size, createdAt: when, lastUsedAt: when },
})
const tagEntry = fc.record({
  ...{ id: fc.nat(), tags: fc.array(hostile, { maxLength: 4 }), digest: hostile, updatedAt: when },
  sizeBytes: maybe(size),
})
const builderRecord = fc.record({
  ...{ id: hostile, type: hostile, description: hostile, sizeBytes: size, createdAt: when, lastUsedAt: maybe(when) },
  ...{ parents: fc.constant([]), shared: fc.boolean() },
})

export const anyPlan: fc.Arbitrary<Plan> = fc
  .oneof(
    fc.record({ operation: fc.constant('rerun-failed'), ...run }),
    fc.record({ operation: fc.constant('rerun-job'), ...run, jobId: fc.nat(), jobName: hostile }),
    fc.record({ operation: fc.constant('rebuild'), ...place, workflow: hostile, ref: hostile, input: hostile }),
    fc.record({
      ...{ operation: fc.constant('prune-caches'), ...place, complete: fc.boolean(), cold },
      entries: fc.array(cacheEntry, { maxLength: 25 }),
      selection: fc.record({
        ...{ scope: maybe(hostile), ref: maybe(hostile), closedPulls: fc.boolean() },
        unusedDays: maybe(fc.integer({ min: 1, max: 400 })),
        kind: fc.constantFrom('any', 'buildkit', 'blob', 'index', 'other'),
      }),
    }),
    fc.record({
      ...{ operation: fc.constant('prune-tags'), ...place, image: hostile, cold },
      ...{ tags: fc.array(hostile, { maxLength: 4 }), entries: fc.array(tagEntry, { maxLength: 25 }) },
    }),
    fc.record({
      ...{ operation: fc.constant('prune-builder'), ...place, builder: hostile, inUse: fc.nat(99), cold },
      selection: fc.record({ unusedDays: maybe(fc.integer({ min: 1, max: 400 })), all: fc.boolean() }),
      entries: fc.array(builderRecord, { maxLength: 25 }),
    }),
  )
  .map((plan) => planSchema.parse(plan))

const person = fc.record({
  slack: fc.oneof(fc.constant('U012AB3CD'), hostile),
  ...{ github: hostile, githubId: fc.nat() },
})

export const anyRequest: fc.Arbitrary<Request> = fc
  .record({
    ...{ id: opaque, plan: anyPlan, requester: person, ownCounts: fc.boolean() },
    place: fc.record({ channel: hostile, threadTs: fc.constant(null), storyId: maybe(opaque) }),
    planHash: hostile,
    needed: fc.nat(4),
    state: fc.constantFrom(...requestStates),
    votes: fc.array(fc.record({ person, vote: fc.constantFrom(...voteKinds), at: when }), { maxLength: 14 }),
    ...{ createdAt: when, expiresAt: when, decidedAt: maybe(when) },
  })
  .map((request) => requestSchema.parse(request))

export const anyExecution: fc.Arbitrary<Execution | null> = maybe(
  fc
    .record({
      ...{ requestId: opaque, state: fc.constantFrom(...executionStates), dryRun: fc.boolean() },
      ...{ startedAt: when, calledAt: maybe(when), endedAt: maybe(when), dealtWith: fc.constant([]) },
      result: maybe(
        fc.record({
          ...{ words: hostile, url: maybe(hostile), runId: maybe(fc.nat()), attempt: maybe(fc.nat()) },
          ...{ entriesGone: maybe(fc.nat()), bytesFreed: maybe(size) },
        }),
      ),
    })
    .map((execution) => executionSchema.parse(execution)),
)

export const anyVerdict = fc.record({
  ...{ kind: fc.constantFrom(...verdictKinds), flaky: fc.boolean() },
  cacheGuilty: fc.constantFrom('yes' as const, 'no' as const, 'unknown' as const),
  minutesWon: maybe(fc.double({ min: -1e5, max: 1e5, noNaN: true })),
  causeId: maybe(hostile),
})

export const anyRemedies: fc.Arbitrary<RemediesShown> = fc.record({
  offers: fc.array(
    fc.record({
      ...{ buttonId: opaque, label: hostile, why: hostile },
      class: fc.constantFrom('reversible' as const, 'costly' as const, 'destructive' as const),
      style: fc.constantFrom('primary' as const, 'danger' as const, null),
      kind: fc.constantFrom('rerun' as const, 'rebuild' as const, 'prune' as const),
    }),
    { maxLength: 11 },
  ),
  asked: fc.array(fc.record({ request: anyRequest, execution: anyExecution }), { maxLength: 5 }),
  paused: maybe(fc.record({ by: hostile })),
  verdicts: fc.array(fc.record({ verdict: anyVerdict, operation: maybe(hostile), causeTitle: maybe(hostile) }), {
    maxLength: 3,
  }),
})

const check = fc.record({
  name: fc.constantFrom(...checkNames),
  minutes: fc.constant(null),
  steps: fc.constant(null),
})

export const anyChecklist: fc.Arbitrary<Checklist> = fc
  .record({
    ...{ id: opaque, channel: hostile, parentTag: maybe(opaque), threadTs: fc.constant(null), storyId: maybe(opaque) },
    ...{ requestId: maybe(opaque), operation: maybe(hostile), repository: hostile, workflow: hostile },
    ...{ branch: maybe(hostile), before: fc.constant(null), page: hostile },
    awaits: maybe(fc.record({ runId: fc.nat(), attempt: fc.integer({ min: 1, max: 9 }) })),
    items: fc.array(
      fc.record({
        ...{ text: hostile, check: maybe(check), state: fc.constantFrom(...itemStates), by: maybe(hostile) },
        ...{ at: maybe(when), evidence: maybe(hostile), reason: maybe(hostile) },
      }),
      { maxLength: 40 },
    ),
    seenRun: maybe(fc.record({ runId: fc.nat(), attempt: fc.integer({ min: 1, max: 9 }), url: hostile, sha: hostile })),
    ...{ verdict: maybe(anyVerdict), state: fc.constantFrom('open', 'closed') },
    ...{ openedAt: when, closedAt: maybe(when), version: fc.nat() },
  })
  .map((checklist) => checklistSchema.parse(checklist))

export { hostile as hostileName, opaque as anyId }
