import type { Operation, RemedyKind } from './remedy.ts'

/** Who may do what, from the configuration. What is not listed is not allowed; an empty list means nobody. */
export type Policy = {
  roles: Role[]
  /** others who have to agree, where the team wants more (never fewer) than the remedy's own number */
  approvals: Partial<Record<RemedyKind, number>>
  /** the team has one admin, whose own word counts for requests of theirs */
  oneAdmin: boolean
  expiresAfterMinutes: number
  /** instead of the remedy's own */
  cooldownMinutes: Partial<Record<RemedyKind, number>>
  /** most live executions within an hour */
  hourly: { repository: number; person: number; installation: number }
  /** where a rebuild's input cannot be found by reading the workflow */
  rebuildInputs: { repository: string; workflow: string | null; input: string }[]
  builders: Builder[]
  /** where the head of the audit chain is posted each day; null: nowhere */
  auditChannel: string | null
}

export type Role = {
  /** Slack ids, `github:login`, or `*` for whoever GitHub lets */
  people: string[]
  may: Right[]
  /** patterns as in `watch`; `*` stands for any text */
  repositories: string[]
  /** ids or `#names`; null: any channel */
  channels: string[] | null
  /** null: always */
  hours: Hours | null
}

/** `admin`: pause, resume, dry run on and off; needs no GitHub permission on one repository */
export const rights = ['rerun', 'rebuild', 'prune', 'approve', 'admin'] as const
export type Right = (typeof rights)[number]

export type Hours = {
  /** 1 Monday … 7 Sunday */
  days: number[]
  /** minutes after midnight; `to` before `from` goes over midnight */
  from: number
  to: number
  /** IANA name */
  zone: string
}

/** A Docker daemon whose build cache may be pruned. */
export type Builder = {
  name: string
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host` */
  url: string
  /** folder with ca.pem, cert.pem and key.pem, for TCP */
  certificates: string | null
  /** whose builds it serves: who may prune it is asked there */
  repository: string
}

/** A person in Slack as far as trust is concerned. */
export type SlackPerson = {
  id: string
  bot: boolean
  /** single- or multi-channel guest */
  guest: boolean
  /** of another workspace, in a shared channel */
  stranger: boolean
  deleted: boolean
}

export type PermissionRefusal =
  | 'bot'
  | 'guest'
  | 'stranger'
  | 'deactivated'
  | 'not-linked'
  | 'no-role'
  | 'not-this-repository'
  | 'not-this-channel'
  | 'not-at-this-hour'
  | 'no-access-at-github'

/** `words` say what happened and what to do, to the person who clicked. */
export type Permission = { kind: 'allowed' } | { kind: 'refused'; because: PermissionRefusal; words: string }

export type { Operation }
