import type { DispatchInput, Triggers } from './workflow.ts'
import { child, entriesOf, entryNamed, itemsOf, textOf, textsOf, type YamlNode } from './yaml-source.ts'

/** What `on` says: a word, a list of words, or a map with filters. */
export function readTriggers(root: YamlNode | null): Triggers {
  // `on` is a boolean to YAML 1.1, so some write it in quotes; the key is the same to us.
  const on = child(root, 'on')
  const events = on?.kind === 'map' ? on.entries.map(({ key }) => key) : textsOf(on)
  const has = (event: string) => events.includes(event)
  const push = child(on, 'push')
  return {
    events,
    push: has('push') ? pushFilter(push) : null,
    pullRequest: has('pull_request') ? { branches: filter(child(on, 'pull_request'), 'branches') } : null,
    schedule: itemsOf(child(on, 'schedule')).flatMap((item) => textOf(child(item, 'cron')) ?? []),
    dispatch: has('workflow_dispatch') ? inputsOf(child(on, 'workflow_dispatch')) : null,
  }
}

/** With a filter for one of branches and tags, the other does not come in at all. */
function pushFilter(push: YamlNode | null): Triggers['push'] {
  const [branches, tags] = [filter(push, 'branches'), filter(push, 'tags')]
  const ofBranches = branches !== null || entryNamed(push, 'branches-ignore') !== null
  const ofTags = tags !== null || entryNamed(push, 'tags-ignore') !== null
  return { branches: !ofBranches && ofTags ? [] : branches, tags: !ofTags && ofBranches ? [] : tags }
}

function filter(event: YamlNode | null, key: string): string[] | null {
  const found = entryNamed(event, key)
  return found === null ? null : textsOf(found.value)
}

function inputsOf(dispatch: YamlNode | null): DispatchInput[] {
  return entriesOf(child(dispatch, 'inputs')).map(({ key, value, line }) => ({
    name: key,
    type: textOf(child(value, 'type')) ?? 'string',
    default: textOf(child(value, 'default')),
    required: textOf(child(value, 'required')) === 'true',
    line,
  }))
}
