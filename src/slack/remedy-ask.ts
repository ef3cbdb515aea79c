import { z } from 'zod'

/** What commands ask of remedies; inputs of durable tasks. All are answered to the person alone. */

const asked = {
  /** Slack's id of who typed it, and of their workspace */
  askedBy: z.string(),
  teamId: z.string().nullable(),
  channel: z.string(),
  responseUrl: z.string(),
}

/** Who somebody is at GitHub, or that they are nobody there any more. */
export const linkAskSchema = z.strictObject({ link: z.enum(['link', 'unlink']), ...asked })

/** An admin holds all remedies up, or lets them run; dry or not. */
export const switchAskSchema = z.strictObject({
  flip: z.enum(['pause', 'resume', 'dry-run-on', 'dry-run-off']),
  ...asked,
})

/** How often the rules were right, by what people and later builds said. */
export const statsAskSchema = z.strictObject({ stats: z.literal(true), ...asked })

/** A checklist for a run, by hand. */
export const verifyAskSchema = z.strictObject({
  verify: z.strictObject({ repository: z.string(), runId: z.int(), attempt: z.int().nullable() }),
  ...asked,
})

export type LinkAsk = z.infer<typeof linkAskSchema>
export type SwitchAsk = z.infer<typeof switchAskSchema>
export type StatsAsk = z.infer<typeof statsAskSchema>
export type VerifyAsk = z.infer<typeof verifyAskSchema>
export type RemedyAsk = LinkAsk | SwitchAsk | StatsAsk | VerifyAsk
