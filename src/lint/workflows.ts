import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import { readDockerfile } from '../dockerfile/read-dockerfile.ts'
import { readBake } from '../workflow/bake.ts'
import { targetBuilds } from '../workflow/bake-builds.ts'
import type { Bake } from '../workflow/bake-target.ts'
import { cacheTrouble } from '../workflow/cache-trouble.ts'
import { expand, legsOf } from '../workflow/expand.ts'
import { readWorkflow } from '../workflow/read-workflow.ts'
import type { ImageBuild, Workflow } from '../workflow/workflow.ts'
import { isBake, isWorkflow, type LintFiles } from './files.ts'
import type { Finding } from './finding.ts'
import { ignoreWithoutReason, workflowRules } from './rules.ts'

/** The workflows of a repository, and the builds that they start, each as a leg of its matrix runs it. */
export type Workflows = { workflows: Workflow[]; builds: ImageBuild[]; bakeOf: (build: ImageBuild) => Bake | null }

export function readWorkflows({ texts }: LintFiles): Workflows {
  const workflows = [...texts].flatMap(([path, text]) => (isWorkflow(path) ? [readWorkflow(text, path)] : []))
  const bakes = new Map(
    [...texts].flatMap(([path, text]) => (isBake(path) ? [[path, readBake(text, path)] as const] : [])),
  )
  const bakeOf = ({ bake }: ImageBuild) => {
    const names = bake?.files.length ? bake.files.map(clean) : usualNames
    return names.flatMap((name) => bakes.get(name) ?? [])[0] ?? null
  }
  const written = workflows.flatMap(({ builds }) => builds)
  const targets = written.flatMap((build) => {
    const bake = build.bake === null ? null : bakeOf(build)
    return bake === null ? [build] : targetBuilds(build, bake)
  })
  return { workflows, builds: targets.flatMap((build) => legsOf(build).map((leg) => expand(build, leg))), bakeOf }
}

/** In the order in which buildx looks for them. */
const usualNames =
  'compose.yaml compose.yml docker-compose.yml docker-compose.yaml docker-bake.json docker-bake.hcl'.split(' ')

/** What `workflow/` finds, as findings of ours. */
export function workflowFindings({ texts }: LintFiles, { workflows, bakeOf }: Workflows): Finding[] {
  const read = new Map<string, Dockerfile>()
  const dockerfileOf = (build: ImageBuild) => {
    const path = dockerfileOfBuild(build)
    const text = path === null ? undefined : texts.get(path)
    if (path === null || text === undefined) return null
    const known = read.get(path) ?? readDockerfile(text, path)
    read.set(path, known)
    return known
  }
  const found = workflows.flatMap((workflow) => {
    const others = workflows.filter((one) => one !== workflow)
    return cacheTrouble(workflow, { dockerfileOf, bakeOf, others }).map(
      ({ kind, file, line, message, why, edit, ignored }): Finding => {
        const { level, runbook } = kind === 'ignore-without-reason' ? ignoreWithoutReason : workflowRules[kind]
        const written = edit && { file, ...edit }
        return {
          rule: kind,
          level,
          file,
          line,
          endLine: line,
          message,
          why,
          cost: null,
          edit: written,
          runbook,
          ignored: ignored?.reason ?? null,
        }
      },
    )
  })
  // a bake file that two workflows build from has its troubles once
  return [...new Map(found.map((finding) => [`${finding.rule} ${finding.file} ${finding.line}`, finding])).values()]
}

/** The path of the Dockerfile that a build reads; null when only the run knows, or when it is none of ours. */
export function dockerfileOfBuild({ context, file }: ImageBuild): string | null {
  const folder = contextOfBuild({ context })
  if (file !== null) return isLiteral(file) ? clean(file) : null
  return folder === null ? null : folder === '' ? 'Dockerfile' : `${folder}/Dockerfile`
}

export function contextOfBuild({ context }: Pick<ImageBuild, 'context'>): string | null {
  const path = context ?? '.'
  return isLiteral(path) ? clean(path) : null
}

function isLiteral(path: string): boolean {
  return !/[$~{]|:\/\/|^git@|^-$|^\//.test(path)
}

function clean(path: string): string {
  return path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}
