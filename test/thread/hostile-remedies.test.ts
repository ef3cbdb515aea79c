import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planAuditHead } from '../../src/thread/audit-head.ts'
import { planChecklist } from '../../src/thread/checklist.ts'
import { rungs, violations } from '../../src/thread/limits.ts'
import { linkedAs, linkFailed, typeThisCode } from '../../src/thread/linked.ts'
import { planNotice } from '../../src/thread/notices.ts'
import { printPlan } from '../../src/thread/print-plan.ts'
import * as say from '../../src/thread/remedy-wording.ts'
import { fullList, planRequest } from '../../src/thread/request.ts'
import { planStats } from '../../src/thread/stats.ts'
import { planThread } from '../../src/thread/thread.ts'
import { start, story } from './examples.ts'
import { anyDiagnosis } from './hostile.ts'
import { anyChecklist, anyExecution, anyId, anyPlan, anyRemedies, anyRequest, hostileName } from './hostile-remedies.ts'
import { answersTo } from './remedy-examples.ts'
import { expectSafe, expectShown } from './safe.ts'

/** Whatever branches, tags, cache keys, items and logs are called. */

const ids = fc.record({ approveId: anyId, rejectId: anyId, cancelId: anyId })
const runs = { numRuns: 80 }
const patience = 120_000

test(
  'requests fit into Slack and call nobody',
  () => {
    fc.assert(
      fc.property(anyRequest, anyExecution, ids, fc.boolean(), (request, execution, ids, dryRun) => {
        const message = planRequest(request, { execution, ids, dryRun, githubUrl: 'https://github.com' })
        expect(violations(message)).toEqual([])
        for (const rung of rungs(message)) expect(violations(rung)).toEqual([])
        expectSafe(message)
      }),
      runs,
    )
  },
  patience,
)

test(
  'buttons stand under a request exactly while it waits',
  () => {
    fc.assert(
      fc.property(anyRequest, anyExecution, ids, (request, execution, ids) => {
        const { blocks } = planRequest(request, { execution, ids })
        expect(blocks.some(({ type }) => type === 'actions')).toBe(request.state === 'pending')
      }),
      runs,
    )
  },
  patience,
)

test(
  'lists and what the terminal prints hold no control character and no token',
  () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const list = fullList(plan)
        if (list !== null && 'entries' in plan) {
          expectShown(list.text)
          expect(list.text.trimEnd().split('\n')).toHaveLength(plan.entries.length + 3)
        }
        expectShown(printPlan(plan, start.toISOString()))
      }),
      runs,
    )
  },
  patience,
)

test(
  'checklists fit into Slack and call nobody',
  () => {
    fc.assert(
      fc.property(anyChecklist, fc.option(hostileName, { nil: null }), (checklist, causeTitle) => {
        const message = planChecklist(checklist, answersTo(checklist), { causeTitle })
        for (const rung of [message, ...rungs(message)]) expect(violations(rung)).toEqual([])
        expectSafe(message)
      }),
      runs,
    )
  },
  patience,
)

test(
  'a failure with remedies fits into Slack and calls nobody, and keeps a button in all but its last form',
  () => {
    fc.assert(
      fc.property(anyDiagnosis, anyRemedies, (diagnosis, remedies) => {
        const [parent] = planThread({
          story: story(diagnosis),
          remedies,
          feedback: { upId: 'u', downId: 'd' },
        })
        if (!parent) throw new Error('no parent message')
        expectSafe(parent)
        const pressable = parent.blocks.some(({ type }) => type === 'actions')
        const ladder = rungs(parent)
        for (const rung of ladder) expect(violations(rung)).toEqual([])
        for (const rung of ladder.slice(0, -1))
          expect(rung.blocks.some(({ type }) => type === 'actions')).toBe(pressable)
        expect(ladder.length).toBeGreaterThan(1)
      }),
      runs,
    )
  },
  patience,
)

test(
  'answers that one person sees call nobody',
  () => {
    fc.assert(
      fc.property(anyRequest, anyPlan, hostileName, hostileName, (request, plan, name, other) => {
        const refusals = ['already-decided', 'expired', 'own-request', 'counted-before', 'not-yours-to-cancel'] as const
        const answers = [
          ...refusals.map((because) => say.sayRefused(because, request)),
          say.decisionAnswer({ kind: 'decided', request }),
          say.alreadyAsked(request),
          say.sayNotAdmitted({ because: 'locked', holder: name, until: request.expiresAt }),
          say.sayNotAdmitted({ because: 'paused', by: name, at: request.expiresAt }),
          say.sayPermission({ words: name }),
          say.sayNoPlan({ because: name, diff: `${name}\n${other}` }),
          say.sayRemedyGaveUp(new Error(name)),
          linkedAs(name),
          linkFailed(name),
          typeThisCode({ userCode: name, verificationUri: other, expiresAt: request.expiresAt }, 'https://github.com'),
        ]
        for (const words of answers) {
          const message = say.privately(words)
          expect(violations(message)).toEqual([])
          expectSafe({ text: 'x', blocks: message.blocks })
        }
        expectShown(say.wouldHave(plan))
      }),
      runs,
    )
  },
  patience,
)

test(
  'notices, the audit’s head and figures call nobody',
  () => {
    fc.assert(
      fc.property(hostileName, hostileName, fc.nat(60), (name, other, number) => {
        const at = start.toISOString()
        const none = {
          thumbsUp: 1,
          thumbsDown: 0,
          fixed: 0,
          sameFailure: 0,
          anotherFailure: 0,
          unclear: 0,
          precision: 1,
        }
        const stats = Array.from({ length: number }, () => ({ ...none, causeId: name }))
        const messages = [
          planNotice({ kind: 'paused', by: name, at }),
          planAuditHead({ head: { seq: 1, hash: name }, rows: number, broken: null, at }),
          planAuditHead({ head: null, rows: number, broken: other, at }),
          planStats(stats),
        ]
        for (const message of messages) {
          expect(violations(message)).toEqual([])
          expectSafe(message)
        }
      }),
      runs,
    )
  },
  patience,
)
