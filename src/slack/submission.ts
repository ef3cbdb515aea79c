import { z } from 'zod'
import type { Submission } from './forms.ts'

const id = z.string().regex(/^\w{1,100}$/)
const name = z.string().max(255)

/**
 * What we read of Slack's `view_submission`.
 * https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
 */
const payloadSchema = z.object({
  type: z.literal('view_submission'),
  user: z.object({ id, team_id: id.nullish() }),
  view: z.object({
    id,
    callback_id: name,
    private_metadata: z.string().regex(/^[\w-]{1,100}$/),
    state: z.object({
      values: z.record(
        name,
        z.record(
          name,
          z.object({
            value: z.string().max(3_000).nullish(),
            selected_option: z.object({ value: z.string().max(150) }).nullish(),
          }),
        ),
      ),
    }),
  }),
})

export type ReadSubmission = {
  submission: Submission
  callbackId: string
  /** a form is sent until it closes, and closed it is never sent again */
  key: string
  /** ids of its blocks, in their order */
  blocks: string[]
}

/** Null for what is no form, or one without an id of ours. */
export function readSubmission(body: unknown): ReadSubmission | null {
  const read = payloadSchema.safeParse(body)
  if (!read.success) return null
  const { user, view } = read.data
  const fields = Object.values(view.state.values).flatMap((block) => Object.entries(block))
  const values = fields.map(([field, { value, selected_option: chosen }]): [string, string | null] => {
    const text = (value ?? chosen?.value ?? '').trim()
    return [field, text === '' ? null : text]
  })
  return {
    submission: {
      formId: view.private_metadata,
      user: { id: user.id, teamId: user.team_id ?? null },
      values: Object.fromEntries(values),
    },
    callbackId: view.callback_id,
    key: `slack:view:${view.id}`,
    blocks: Object.keys(view.state.values),
  }
}
