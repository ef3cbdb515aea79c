import { type ApiAnswer, type ApiRequest, ok, page, type Route, refusal, type Scene } from './github-answers.ts'
import { findCommit, type LocalPull, type LocalRepository } from './github-code.ts'
import { diffEntryPayload } from './github-code-payloads.ts'
import { changesBetween, compareCommits } from './github-compare.ts'
import { pullPayload } from './github-pull-payload.ts'

const repo = '/repos/([^/]+/[^/]+)'

export const pullRoutes: Route[] = [
  {
    path: new RegExp(`^${repo}/pulls$`),
    answer: ([name = ''], request, scene) => listPulls(scene.code.of(name), request, scene),
  },
  {
    path: new RegExp(`^${repo}/pulls/(\\d+)$`),
    answer: ([name = '', number], _, scene) => showPull(scene.code.of(name), Number(number), scene),
  },
  {
    path: new RegExp(`^${repo}/pulls/(\\d+)/files$`),
    answer: ([name = '', number], request, scene) => listFiles(scene.code.of(name), Number(number), request, scene),
  },
]

/** The open ones unless others are asked for, those that moved last first. */
function listPulls(repository: LocalRepository, request: ApiRequest, { at }: Scene): ApiAnswer {
  const state = request.query.get('state') ?? 'open'
  const wanted = repository.pulls.filter(
    ({ closedAt }) => state === 'all' || (state === 'closed') === (closedAt !== null),
  )
  const shown = wanted.flatMap((pull) => {
    const ends = endsOf(repository, pull)
    return ends ? [pullPayload(pull, { repository: repository.name, ...ends, at })] : []
  })
  const { items, headers } = page(shown.toSorted(byUpdate), request, at)
  return { ...ok(items), headers }
}

function byUpdate(one: Record<string, unknown>, other: Record<string, unknown>): number {
  return String(other.updated_at).localeCompare(String(one.updated_at)) || Number(other.number) - Number(one.number)
}

function showPull(repository: LocalRepository, number: number, { at }: Scene): ApiAnswer {
  const pull = repository.pulls.find((each) => each.number === number)
  const ends = pull && endsOf(repository, pull)
  if (!pull || !ends) return refusal(404, 'Not Found')
  return ok(pullPayload(pull, { repository: repository.name, ...ends, at }))
}

/** Since the merge base; at most 3,000. */
function listFiles(repository: LocalRepository, number: number, request: ApiRequest, { at }: Scene): ApiAnswer {
  const pull = repository.pulls.find((each) => each.number === number)
  const ends = pull && endsOf(repository, pull)
  const compared = ends && compareCommits(repository, ends.base, ends.head)
  if (!ends || !compared) return refusal(404, 'Not Found')
  const files = changesBetween(compared.mergeBase, ends.head).slice(0, 3_000)
  const { items, headers } = page(files, request, at)
  return { ...ok(items.map((change) => diffEntryPayload(change, { repository: repository.name, at }))), headers }
}

/** A fork's commits are in the network, so that our one store of them does for both. */
export function endsOf(repository: LocalRepository, { head, base }: LocalPull) {
  const [ofHead, ofBase] = [findCommit(repository, head), findCommit(repository, base)]
  return ofHead && ofBase ? { head: ofHead, base: ofBase } : null
}
