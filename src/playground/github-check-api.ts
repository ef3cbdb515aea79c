import { z } from 'zod'
import { type ApiAnswer, type ApiRequest, ok, page, type Route, refusal, type Scene } from './github-answers.ts'
import type { LocalAnnotation, LocalCheck } from './github-code.ts'
import { type Addresses, nodeId } from './github-repository.ts'

const repo = '/repos/([^/]+/[^/]+)'

export const checkRoutes: Route[] = [
  {
    path: new RegExp(`^${repo}/commits/([^/]+)/check-runs$`),
    answer: ([name = '', sha], request, scene) => listChecks(name, sha, request, scene),
  },
  {
    path: new RegExp(`^${repo}/check-runs/(\\d+)/annotations$`),
    answer: ([name = '', id], request, scene) => listAnnotations(name, Number(id), request, scene),
  },
  {
    method: 'POST',
    path: new RegExp(`^${repo}/check-runs$`),
    answer: ([name = ''], { sent }, scene) => createCheck(name, sent, scene),
  },
  {
    method: 'PATCH',
    path: new RegExp(`^${repo}/check-runs/(\\d+)$`),
    answer: ([name = '', id], { sent }, scene) => updateCheck(name, Number(id), sent, scene),
  },
]

function listChecks(name: string, sha: string | undefined, request: ApiRequest, { code, at }: Scene): ApiAnswer {
  const wanted = code
    .of(name)
    .checks.filter(({ headSha }) => headSha === sha)
    .filter((check) => [null, check.name].includes(request.query.get('check_name')))
    .toReversed()
  const { items, headers } = page(wanted, request, at)
  const check_runs = items.map((check) => checkPayload(check, name, at))
  return { ...ok({ total_count: wanted.length, check_runs }), headers }
}

function listAnnotations(name: string, id: number, request: ApiRequest, { code, at }: Scene): ApiAnswer {
  const check = code.of(name).checks.find((each) => each.id === id)
  if (!check) return refusal(404, 'Not Found')
  const { items, headers } = page(check.annotations, request, at)
  const shown = items.map((annotation) => ({
    ...{ start_column: null, end_column: null, raw_details: null, title: null },
    ...annotation,
    blob_href: `${at.pages}/${name}/blob/${check.headSha}/${annotation.path}`,
  }))
  return { ...ok(shown), headers }
}

function createCheck(name: string, sent: unknown, { code, at, now }: Scene): ApiAnswer {
  const read = sentSchema.safeParse(sent)
  if (!read.success || read.data.head_sha === undefined) return refusal(422, 'Invalid request.')
  const { checks } = code.of(name)
  const check: LocalCheck = {
    id: 31_000_000_000 + checks.length,
    name: read.data.name,
    headSha: read.data.head_sha,
    externalId: '',
    detailsUrl: null,
    conclusion: null,
    title: '',
    summary: '',
    annotations: [],
    completedAt: now(),
  }
  checks.push(check)
  write(check, read.data, now())
  return { ...ok(checkPayload(check, name, at)), status: 201 }
}

function updateCheck(name: string, id: number, sent: unknown, { code, at, now }: Scene): ApiAnswer {
  const check = code.of(name).checks.find((each) => each.id === id)
  const read = sentSchema.safeParse(sent)
  if (!check) return refusal(404, 'Not Found')
  if (!read.success) return refusal(422, 'Invalid request.')
  write(check, read.data, now())
  return ok(checkPayload(check, name, at))
}

/** Annotations are added to those that are there. */
function write(check: LocalCheck, sent: Sent, now: Date): void {
  const { external_id, details_url, conclusion, output } = sent
  const { annotations = [], ...words } = output ?? {}
  Object.assign(check, words, { completedAt: now })
  check.externalId = external_id ?? check.externalId
  check.detailsUrl = details_url ?? check.detailsUrl
  check.conclusion = conclusion ?? check.conclusion
  check.annotations.push(...annotations)
}

type Sent = z.infer<typeof sentSchema>
const sentSchema = z.object({
  name: z.string(),
  head_sha: z.string().optional(),
  external_id: z.string().optional(),
  details_url: z.url().optional(),
  conclusion: z.string().optional(),
  output: z
    .object({
      title: z.string(),
      summary: z.string().max(65_535),
      annotations: z.array(z.custom<LocalAnnotation>()).max(50).optional(),
    })
    .optional(),
})

function checkPayload(check: LocalCheck, repository: string, at: Addresses): Record<string, unknown> {
  const url = `${at.api}/repos/${repository}/check-runs/${check.id}`
  const page = `${at.pages}/${repository}/runs/${check.id}`
  const time = `${check.completedAt.toISOString().slice(0, 19)}Z`
  return {
    id: check.id,
    node_id: nodeId('CR', check.id),
    name: check.name,
    head_sha: check.headSha,
    external_id: check.externalId,
    url,
    html_url: page,
    details_url: check.detailsUrl ?? at.pages,
    status: 'completed',
    conclusion: check.conclusion,
    started_at: time,
    completed_at: time,
    output: {
      title: check.title,
      summary: check.summary,
      text: null,
      annotations_count: check.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: 1 },
    app: null,
    pull_requests: [],
  }
}
