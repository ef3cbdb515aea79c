import { noPolicy } from '../../src/config/remedies.ts'
import type { Asked } from '../../src/remedy/permission.ts'
import type { Permission, Policy, Role, SlackPerson } from '../../src/remedy/policy.ts'

/** People and roles as tests of the rules want them. */

export const octo: SlackPerson = { id: 'U0OCTO0001', bot: false, guest: false, stranger: false, deleted: false }

/** All that a person may do to acme's repositories, in #builds, on working days from 8 to 18 in Berlin. */
export const role: Role = {
  people: ['U0OCTO0001'],
  may: ['rerun', 'rebuild', 'prune', 'approve', 'admin'],
  repositories: ['acme/*'],
  channels: ['#builds'],
  hours: { days: [1, 2, 3, 4, 5], from: 8 * 60, to: 18 * 60, zone: 'Europe/Berlin' },
}

export function policy(...roles: Role[]): Policy {
  return { ...noPolicy, roles }
}

/** A Wednesday, 10:30 in Berlin */
export const now = new Date('2026-11-18T09:30:00Z')

export function asked(over: Partial<Asked> = {}): Asked {
  return {
    policy: policy(role),
    operation: 'rerun-failed',
    person: octo,
    link: { login: 'octo', id: 1 },
    access: 'write',
    repository: 'acme/web',
    channel: { id: 'C0BUILDS01', name: '#builds' },
    now,
    ...over,
  }
}

export function answerOf(permission: Permission): string {
  return permission.kind === 'allowed' ? 'allowed' : permission.because
}
