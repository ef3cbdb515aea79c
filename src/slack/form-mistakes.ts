/** What people may type into the forms. Nothing but data comes of it: each value is held to what GitHub takes there. */

type Values = Record<string, string | null>
type Mistakes = Record<string, string | null>

/** What is wrong, by field; empty: nothing. Slack shows it beside the field and keeps the form open. */
export function mistakesIn(form: 'prune' | 'rebuild' | 'reason', values: Values): Record<string, string> {
  const found = { prune: inPrune, rebuild: inRebuild, reason: inReason }[form](values)
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== null))
}

/** Whoever goes on with the list wants to know. */
function inReason({ reason = null }: Values): Mistakes {
  return { reason: reason === null ? 'A few words will do.' : null }
}

function inPrune(values: Values): Mistakes {
  const { repository, branch, what = null, scope = null, kind, pulls, days } = values
  const known = what === 'caches' || what === 'tags' || /^builder:[\w.-]{1,60}$/.test(what ?? '')
  return {
    repository: repositoryMistake(repository),
    what: known ? null : 'One of the list.',
    branch: branchMistake(branch),
    scope: scope === null || (scope.length <= 200 && !/\p{C}/u.test(scope)) ? null : 'At most 200 plain characters.',
    kind: isOneOf(kind, ['any', 'buildkit', 'blob', 'index', 'other']) ? null : 'One of the list.',
    pulls: isOneOf(pulls, ['all', 'closed']) ? null : 'One of the list.',
    days: isNothing(days) || isDays(days) ? null : 'A whole number of days, 1 to 3650.',
    ...(what === 'tags' ? inTags(values) : {}),
  }
}

/** GitHub asks for rights in a repository, and lets an organisation's packages be deleted: both must be of one owner. */
function inTags({ repository, image, tags }: Values): Mistakes {
  const [host, owner, ...rest] = (image ?? '').split('/')
  const isImage =
    host === 'ghcr.io' &&
    rest.length > 0 &&
    [owner, ...rest].every((part) => /^[a-z\d][a-z\d._-]{0,127}$/.test(part ?? ''))
  const isOurs = isImage && owner === repository?.split('/')[0]?.toLowerCase()
  const patterns = (tags ?? '').split(/[\s,]+/).filter((pattern) => pattern !== '')
  const strange = patterns.find((pattern) => !/^[\w*][\w.*-]{0,127}$/.test(pattern))
  return {
    image: isOurs
      ? null
      : isImage
        ? 'An image of the owner of that repository.'
        : 'An image in ghcr.io without a tag, such as ghcr.io/acme/web.',
    tags:
      patterns.length === 0
        ? 'Which tags?'
        : patterns.length > 20
          ? 'At most 20 at once.'
          : strange === undefined
            ? null
            : `No tag looks like ${strange.slice(0, 100)}.`,
  }
}

function inRebuild({ repository, branch, workflow, anyway }: Values): Mistakes {
  return {
    repository: repositoryMistake(repository),
    branch: isNothing(branch) ? 'Which branch?' : branchMistake(branch),
    workflow:
      isNothing(workflow) || isWorkflow(workflow) ? null : 'The name of a file in .github/workflows, such as ci.yml.',
    anyway: isOneOf(anyway, ['no', 'yes']) ? null : 'One of the list.',
  }
}

function repositoryMistake(name: string | null | undefined): string | null {
  return isRepository(name ?? '') ? null : 'Write it as owner/name.'
}

/** GitHub's rules for names. */
export function isRepository(text: string): boolean {
  return /^[a-z\d][\w-]{0,99}\/[\w.-]{1,100}$/i.test(text) && !/\/\.{1,2}$/.test(text)
}

function branchMistake(name: string | null | undefined): string | null {
  return isNothing(name) || isRef(name) ? null : 'No branch of Git can have that name.'
}

/** https://git-scm.com/docs/git-check-ref-format */
function isRef(name: string): boolean {
  const allowed = name.length <= 250 && !/[\s~^:?*[\\\p{C}]/u.test(name)
  return allowed && !/^[-/.]|\.\.|\/\/|\/\.|@\{|[/.]$|\.lock$/.test(name)
}

function isWorkflow(path: string): boolean {
  return /^(?:\.github\/workflows\/)?[\w][\w .-]{0,100}\.ya?ml$/.test(path)
}

function isDays(text: string): boolean {
  return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= 3_650
}

/** What is not in the form has its default. */
function isOneOf(value: string | null | undefined, all: string[]): boolean {
  return isNothing(value) || all.includes(value)
}

function isNothing(value: string | null | undefined): value is null | undefined {
  return value === null || value === undefined
}
