import { z } from 'zod'
import { readDockerAddress } from '../docker/address.ts'
import { DockerFault } from '../docker/fault.ts'
import { type Policy, rights } from '../remedy/policy.ts'
import type { Expectations } from './expectations.ts'
import { readHours } from './hours.ts'
import { channelSchema, repositorySchema } from './settings.ts'

/** The section `remedies` of the configuration file: who may do what, and how much of it. */

/** Seconds are too fine for what people wait for: minutes, hours or days. */
const durationSchema = z
  .string()
  .regex(/^\d{1,4}[mhd]$/)
  .transform((text) => Number(text.slice(0, -1)) * (text.endsWith('d') ? 1_440 : text.endsWith('h') ? 60 : 1))
const week = 7 * 1_440

const personSchema = z.string().regex(/^(\*|[UW][A-Z0-9]{2,20}|github:[A-Za-z0-9][A-Za-z0-9_-]{0,99})$/)
const patternSchema = z.string().regex(/^(\*|[\w.*-]{1,100}\/[\w.*-]{1,100})$/)
const countSchema = z.int().min(0).max(10_000)
const othersSchema = z.int().min(0).max(10)

const roleSchema = z
  .strictObject({
    people: z.array(personSchema),
    may: z.array(z.enum(rights)),
    repositories: z.array(patternSchema),
    channels: z.array(channelSchema).optional(),
    hours: z.string().transform(readHours).optional(),
  })
  .check(({ value: { people, may }, issues }) => {
    if (!people.includes('*') || !may.includes('admin')) return
    const expected = 'admins by name, as GitHub is not asked about this right'
    issues.push(own(people, ['people'], { expected, example: 'people: [U012AB3CD]' }))
  })

const builderSchema = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,60}$/),
    url: z.string(),
    certificates: z.string().min(1).optional(),
    repository: repositorySchema,
  })
  .check(({ value: { url, certificates }, issues }) => {
    const because = addressProblem(url, certificates ?? null)
    if (because === null) return
    const expected = `the address of a Docker daemon (${because})`
    issues.push(own(url, ['url'], { expected, example: 'url: ssh://builder@10.0.0.7' }))
  })

export const remediesSchema = z.strictObject({
  roles: z.array(roleSchema).optional(),
  approvals: z
    .strictObject({ rerun: othersSchema, rebuild: othersSchema, prune: othersSchema.min(1) })
    .partial()
    .optional(),
  'one-admin': z.boolean().optional(),
  'expires-after': durationSchema.refine((minutes) => minutes >= 1 && minutes <= week).optional(),
  cooldown: z
    .strictObject({ rerun: durationSchema, rebuild: durationSchema, prune: durationSchema })
    .partial()
    .optional(),
  hourly: z
    .strictObject({ repository: countSchema, person: countSchema, installation: countSchema })
    .partial()
    .optional(),
  'rebuild-inputs': z
    .array(
      z.strictObject({
        repository: repositorySchema,
        workflow: z
          .string()
          .regex(/^[^\s:]{1,200}\.ya?ml$/)
          .optional(),
        input: z.string().regex(/^[A-Za-z_][\w-]{0,99}$/),
      }),
    )
    .optional(),
  builders: z.array(builderSchema).check(eachNameOnce).optional(),
  'audit-channel': channelSchema.optional(),
})

const duration = 'minutes, hours or days'
const others = 'how many others have to agree, at most 10'
const mostPerHour = 'a number, 0 for none'

/** What each key should hold; by path without indexes, as in config/file.ts. */
export const remediesExpectations: Expectations = {
  remedies: { expected: 'who may do what', example: 'remedies: { roles: [] }' },
  'remedies.roles': {
    expected: 'a list of roles',
    example: 'roles: [{ people: ["*"], may: [rerun], repositories: ["acme/*"] }]',
  },
  'remedies.roles.people': {
    expected: 'Slack ids, github:LOGIN, or "*" for whoever GitHub lets',
    example: 'people: [U012AB3CD, github:octocat]',
  },
  'remedies.roles.may': { expected: `some of ${rights.join(', ')}`, example: 'may: [rerun, rebuild]' },
  'remedies.roles.repositories': {
    expected: 'repositories as owner/name, "*" stands for any text',
    example: 'repositories: [acme/*]',
  },
  'remedies.roles.channels': { expected: 'channels as "#name" or their ids', example: 'channels: ["#builds"]' },
  'remedies.roles.hours': {
    expected: 'days, hours and a time zone',
    example: 'hours: mon-fri 08:00-18:00 Europe/Berlin',
  },
  'remedies.approvals': { expected: `${others}, by rerun, rebuild, prune`, example: 'approvals: { prune: 2 }' },
  'remedies.approvals.rerun': { expected: others, example: 'rerun: 0' },
  'remedies.approvals.rebuild': { expected: others, example: 'rebuild: 1' },
  'remedies.approvals.prune': { expected: `${others} and at least one`, example: 'prune: 2' },
  'remedies.one-admin': { expected: 'true or false', example: 'one-admin: true' },
  'remedies.expires-after': { expected: `${duration}, at most 7d`, example: 'expires-after: 60m' },
  'remedies.cooldown': { expected: `${duration}, by rerun, rebuild, prune`, example: 'cooldown: { rebuild: 15m }' },
  'remedies.cooldown.rerun': { expected: duration, example: 'rerun: 5m' },
  'remedies.cooldown.rebuild': { expected: duration, example: 'rebuild: 15m' },
  'remedies.cooldown.prune': { expected: duration, example: 'prune: 1h' },
  'remedies.hourly': {
    expected: 'numbers for repository, person, installation',
    example: 'hourly: { repository: 10, person: 5, installation: 50 }',
  },
  'remedies.hourly.repository': { expected: mostPerHour, example: 'repository: 10' },
  'remedies.hourly.person': { expected: mostPerHour, example: 'person: 5' },
  'remedies.hourly.installation': { expected: mostPerHour, example: 'installation: 50' },
  'remedies.rebuild-inputs': {
    expected: 'a list of workflow inputs',
    example: 'rebuild-inputs: [{ repository: acme/web, workflow: ci.yml, input: no-cache }]',
  },
  'remedies.rebuild-inputs.repository': { expected: 'a repository as owner/name', example: 'repository: acme/web' },
  'remedies.rebuild-inputs.workflow': { expected: 'the name of its file', example: 'workflow: ci.yml' },
  'remedies.rebuild-inputs.input': { expected: 'the name of a boolean input', example: 'input: no-cache' },
  'remedies.builders': {
    expected: 'a list of Docker daemons',
    example: 'builders: [{ name: ci, url: "unix:///var/run/docker.sock", repository: acme/web }]',
  },
  'remedies.builders.name': { expected: 'a name of letters, digits, "-", "_" or "."', example: 'name: ci-builder' },
  'remedies.builders.url': {
    expected: 'unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST',
    example: 'url: ssh://builder@10.0.0.7',
  },
  'remedies.builders.certificates': {
    expected: 'a folder with ca.pem, cert.pem and key.pem',
    example: 'certificates: /etc/docker/certs',
  },
  'remedies.builders.repository': {
    expected: 'the repository whose builds it serves, as owner/name',
    example: 'repository: acme/web',
  },
  'remedies.audit-channel': { expected: 'a channel as "#name" or its id', example: 'audit-channel: "#audit"' },
}

/** Absent: nobody may do anything, and nothing is offered. */
export function readRemedies(section: z.output<typeof remediesSchema> | undefined): Policy {
  return {
    roles: (section?.roles ?? []).map((role) => ({
      ...role,
      channels: role.channels ?? null,
      hours: role.hours ?? null,
    })),
    approvals: section?.approvals ?? {},
    oneAdmin: section?.['one-admin'] ?? false,
    expiresAfterMinutes: section?.['expires-after'] ?? 60,
    cooldownMinutes: section?.cooldown ?? {},
    hourly: { repository: 10, person: 5, installation: 50, ...section?.hourly },
    rebuildInputs: (section?.['rebuild-inputs'] ?? []).map((each) => ({
      ...each,
      workflow: each.workflow === undefined ? null : pathOf(each.workflow),
    })),
    builders: (section?.builders ?? []).map((each) => ({ ...each, certificates: each.certificates ?? null })),
    auditChannel: section?.['audit-channel'] ?? null,
  }
}

/** Failures are told, and that is all. */
export const noPolicy: Policy = readRemedies(undefined)

/** In local mode whoever plays may play with everything. */
export const localPolicy: Policy = {
  ...noPolicy,
  roles: [{ people: ['*'], may: [...rights], repositories: ['*'], channels: null, hours: null }],
}

/** `ci.yml` is a file of GitHub's folder. */
function pathOf(workflow: string): string {
  return workflow.includes('/') ? workflow : `.github/workflows/${workflow}`
}

function addressProblem(url: string, certificates: string | null): string | null {
  try {
    readDockerAddress(url, certificates)
    return null
  } catch (error) {
    if (error instanceof DockerFault) return error.message.replace(/\.$/, '')
    throw error
  }
}

/** A prune names its builder, so there is one of each name. */
function eachNameOnce({ value, issues }: z.core.ParsePayload<z.output<typeof builderSchema>[]>): void {
  value.forEach(({ name }, at) => {
    if (value.findIndex((other) => other.name === name) === at) return
    issues.push(own(name, [at, 'name'], { expected: 'a name that no other builder has', example: 'name: ci-2' }))
  })
}

/** A mistake that says by itself what belongs there. */
function own(input: unknown, path: PropertyKey[], params: Expectations[string]) {
  return { code: 'custom' as const, input, path, params }
}
