import type { ModalView, PlainTextOption } from '@slack/types'
import { z } from 'zod'
import { cut } from '../thread/escape.ts'

/** The forms that open over Slack, and what people typed into them. `id` is opaque; what it means is in the store. */

/** What a command opens. */
export type FormOrder = {
  form: 'prune' | 'rebuild'
  /** filled in already; null: empty */
  repository: string | null
  branch: string | null
}

export const pruneForm = 'layerwise:prune'
export const rebuildForm = 'layerwise:rebuild'
export const reasonForm = 'layerwise:reason'

type Given = { id: string; repositories: string[]; repository: string | null; branch: string | null }

export function pruneView(given: Given & { builders: { name: string }[] }): ModalView {
  const targets: [string, string][] = [
    ['caches', 'Caches of GitHub Actions'],
    ['tags', 'Cache tags in ghcr.io'],
    ...given.builders.slice(0, 20).map(({ name }): [string, string] => [`builder:${name}`, `Build cache of ${name}`]),
  ]
  return modal({ callbackId: pruneForm, id: given.id, title: 'Prune a cache', submit: 'Show what goes' }, [
    repositoryInput(given),
    select('what', 'What', targets, 'caches'),
    input('scope', 'Scope', 'of the caches; `scope=` in cache-to', null),
    input('branch', 'Branch', 'of the caches, or a ref such as refs/pull/12/merge', given.branch),
    select(
      'kind',
      'Which entries',
      [
        ['buildkit', 'What BuildKit wrote'],
        ['index', 'Only its indexes: the next build begins anew'],
        ['blob', 'Only its layers'],
        ['other', 'Only what other tools wrote'],
        ['any', 'All'],
      ],
      'buildkit',
    ),
    select(
      'pulls',
      'Pull requests',
      [
        ['all', 'Of all branches and pull requests'],
        ['closed', 'Only of closed pull requests'],
      ],
      'all',
    ),
    input('days', 'Not used for so many days', 'a number; empty: however lately', null),
    input('image', 'Image', 'for cache tags: ghcr.io/acme/web', null),
    input('tags', 'Tags', 'for cache tags, with commas; * stands for any text', null),
  ])
}

export function rebuildView(given: Given): ModalView {
  return modal({ callbackId: rebuildForm, id: given.id, title: 'Rebuild without cache', submit: 'Look it up' }, [
    repositoryInput(given),
    { ...input('branch', 'Branch', 'that is built', given.branch), optional: false },
    input('workflow', 'Workflow file', 'ci.yml; empty: that of the latest run of the branch', null),
    select(
      'anyway',
      'When',
      [
        ['no', 'Only if it helps with the latest failure'],
        ['yes', 'Even if it does not help'],
      ],
      'no',
    ),
  ])
}

export function reasonView({ id, question }: { id: string; question: string }): ModalView {
  const reason = input('reason', 'Why', cut(question, 140), null)
  return modal({ callbackId: reasonForm, id, title: 'Say why', submit: 'Save' }, [
    { ...reason, element: { ...reason.element, multiline: true, max_length: 500 } },
  ])
}

type Blocks = ModalView['blocks']

function modal(
  { callbackId, id, title, submit }: { callbackId: string; id: string; title: string; submit: string },
  blocks: Blocks,
): ModalView {
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: id,
    title: plain(title),
    submit: plain(submit),
    close: plain('Cancel'),
    blocks,
  }
}

function repositoryInput({ repositories, repository }: Given) {
  const known = repositories.slice(0, 100)
  const chosen = known.find((name) => name.toLowerCase() === repository?.toLowerCase())
  const field =
    known.length > 0 && (repository === null || chosen !== undefined)
      ? select(
          'repository',
          'Repository',
          known.map((name) => [name, name]),
          chosen ?? known[0] ?? '',
        )
      : input('repository', 'Repository', 'owner/name', repository)
  return { ...field, optional: false }
}

function input(name: string, label: string, hint: string, value: string | null) {
  return {
    type: 'input' as const,
    block_id: name,
    label: plain(label),
    hint: plain(hint),
    optional: true,
    element: {
      type: 'plain_text_input' as const,
      action_id: name,
      max_length: 200,
      ...(value === null ? {} : { initial_value: value.slice(0, 200) }),
    },
  }
}

function select(name: string, label: string, options: [string, string][], chosen: string) {
  const all = options.map(
    ([value, text]): PlainTextOption => ({ text: plain(cut(text, 70)), value: value.slice(0, 75) }),
  )
  const initial = all.find(({ value }) => value === chosen)
  return {
    type: 'input' as const,
    block_id: name,
    label: plain(label),
    optional: false,
    element: {
      type: 'static_select' as const,
      action_id: name,
      options: all,
      ...(initial ? { initial_option: initial } : {}),
    },
  }
}

function plain(text: string): { type: 'plain_text'; text: string } {
  return { type: 'plain_text', text }
}

/** A form was sent; the input of a durable task. */
export const submissionSchema = z.strictObject({
  formId: z.string(),
  user: z.strictObject({ id: z.string(), teamId: z.string().nullable() }),
  /** by name of the field; null: left empty */
  values: z.record(z.string(), z.string().nullable()),
})
export type Submission = z.infer<typeof submissionSchema>

const payloadSchema = z.object({
  user: z.object({ id: z.string().max(100), team_id: z.string().max(100).nullish() }),
  team: z.object({ id: z.string().max(100) }).nullish(),
  view: z.object({
    id: z.string().max(200),
    callback_id: z.string().max(255),
    private_metadata: z.string().regex(/^[\w-]{1,100}$/),
    state: z.object({
      values: z.record(
        z.string().max(255),
        z.record(
          z.string().max(255),
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
  key: string
  /** ids of the blocks that were filled in, in their order */
  fields: string[]
}

/** Null for what is none of our forms. */
export function readSubmission(body: unknown): ReadSubmission | null {
  const read = payloadSchema.safeParse(body)
  if (!read.success) return null
  const { user, team, view } = read.data
  const fields = Object.values(view.state.values).flatMap((block) => Object.entries(block))
  const values = fields.map(([name, { value, selected_option: chosen }]): [string, string | null] => {
    const text = (value ?? chosen?.value ?? '').trim()
    return [name, text === '' ? null : text]
  })
  return {
    submission: {
      formId: view.private_metadata,
      user: { id: user.id, teamId: user.team_id ?? team?.id ?? null },
      values: Object.fromEntries(values),
    },
    callbackId: view.callback_id,
    key: `slack:view:${view.id}`,
    fields: Object.keys(view.state.values),
  }
}

/** What is wrong with a form, by field; empty: nothing. Slack shows it beside the field and keeps the form open. */
export function mistakesIn(callbackId: string, { values }: Submission): Record<string, string> {
  const mistakes: [string, string | null][] = []
  const { repository = null, branch = null, days = null, image = null, tags = null, what = null } = values
  if (callbackId === pruneForm || callbackId === rebuildForm)
    mistakes.push(['repository', repositoryPattern.test(repository ?? '') ? null : 'Write it as owner/name.'])
  if (callbackId === rebuildForm && branch === null) mistakes.push(['branch', 'Which branch?'])
  if (callbackId === pruneForm) {
    mistakes.push(['days', days === null || isDays(days) ? null : 'A number of days, 1 to 3650.'])
    if (what === 'tags') {
      mistakes.push(['image', imagePattern.test(image ?? '') ? null : 'An image such as ghcr.io/acme/web.'])
      mistakes.push(['tags', tags === null ? 'Which tags?' : null])
    }
  }
  return Object.fromEntries(mistakes.flatMap(([field, words]) => (words === null ? [] : [[field, words]])))
}

const repositoryPattern = /^[\w.-]{1,100}\/[\w.-]{1,100}$/
const imagePattern = /^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+){2,}$/

function isDays(text: string): boolean {
  return /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 3_650
}
