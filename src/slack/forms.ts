import type { ModalView } from '@slack/types'
import { z } from 'zod'
import { cut } from '../thread/escape.ts'
import { input, modal, select } from './form-fields.ts'
import { isRepository } from './form-mistakes.ts'

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
    { ...reason, optional: false, element: { ...reason.element, multiline: true, max_length: 500 } },
  ])
}

/** A list to choose from, as far as the configuration names whole repositories and Slack can list them. */
function repositoryInput({ repositories, repository }: Given) {
  const chosen = repositories.find((name) => name.toLowerCase() === repository?.toLowerCase())
  const isListed = repository === null || chosen !== undefined
  const fits = repositories.length > 0 && repositories.length <= 100
  const options = repositories.map((name): [string, string] => [name, name])
  const field =
    fits && isListed && repositories.every((name) => isRepository(name) && name.length <= 75)
      ? select('repository', 'Repository', options, chosen ?? null)
      : input('repository', 'Repository', 'owner/name', repository)
  return { ...field, optional: false }
}

/** A form was sent; the input of a durable task. */
export const submissionSchema = z.strictObject({
  formId: z.string(),
  user: z.strictObject({ id: z.string(), teamId: z.string().nullable() }),
  /** by name of the field; null: left empty */
  values: z.record(z.string(), z.string().nullable()),
})
export type Submission = z.infer<typeof submissionSchema>
