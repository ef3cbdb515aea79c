import { actionBuild } from './action-build.ts'
import { driverBefore } from './driver.ts'
import { readMatrix } from './matrix.ts'
import { scriptBuilds } from './script-builds.ts'
import { readTriggers } from './triggers.ts'
import type { ImageBuild, Job, JobStep, KnownOfStep, Permissions, Workflow } from './workflow.ts'
import {
  child,
  entriesOf,
  entryNamed,
  itemsOf,
  plainValue,
  readYamlSource,
  textOf,
  textsOf,
  type YamlNode,
} from './yaml-source.ts'

/** What image builds a workflow file runs, and with which cache settings. */
export function readWorkflow(text: string, file: string): Workflow {
  const { root, problems } = readYamlSource(text, file)
  const env = readEnv(root)
  const workflow: Workflow = {
    ...{ file, text, name: textOf(child(root, 'name')), triggers: readTriggers(root) },
    ...{ permissions: readPermissions(root), cacheMode: textOf(child(root, 'cache-mode')) },
    ...{ jobs: [], builds: [], problems },
  }
  for (const { key, line, value } of entriesOf(child(root, 'jobs'))) {
    const job = readJob(value, key, line)
    workflow.jobs.push(job)
    const steps = itemsOf(child(value, 'steps'))
    const directory = defaultDirectory(value) ?? defaultDirectory(root) ?? '.'
    const jobEnv = { ...env, ...readEnv(value) }
    workflow.builds.push(
      ...steps.flatMap((node, index) => buildsOf(node, job, index, { file, env: jobEnv, directory })),
    )
  }
  return workflow
}

function readJob(node: YamlNode | null, id: string, line: number): Job {
  const uses = entryNamed(node, 'uses')
  const workflow = textOf(uses?.value ?? null)
  return {
    id,
    name: textOf(child(node, 'name')),
    line,
    runsOn: runsOn(child(node, 'runs-on')),
    permissions: readPermissions(node),
    cacheMode: textOf(child(node, 'cache-mode')),
    if: textOf(child(node, 'if')),
    matrix: readMatrix(node),
    uses: uses && workflow !== null ? { workflow, line: uses.line } : null,
    steps: itemsOf(child(node, 'steps')).map(readStep),
  }
}

/** Labels, or a runner group with labels. */
function runsOn(node: YamlNode | null): string[] {
  if (node?.kind !== 'map') return textsOf(node)
  return [...textsOf(child(node, 'group')).map((group) => `group:${group}`), ...textsOf(child(node, 'labels'))]
}

function readStep(node: YamlNode, index: number): JobStep {
  const inputs = entriesOf(child(node, 'with'))
  return {
    ...{ name: textOf(child(node, 'name')), id: textOf(child(node, 'id')), index },
    ...{ line: node.line, endLine: node.endLine },
    ...{ uses: textOf(child(node, 'uses')), script: textOf(child(node, 'run')), if: textOf(child(node, 'if')) },
    with: Object.fromEntries(inputs.flatMap(({ key, value }) => (value?.kind === 'scalar' ? [[key, value.text]] : []))),
  }
}

function buildsOf(
  node: YamlNode,
  job: Job,
  index: number,
  around: { file: string; env: Record<string, string>; directory: string },
): ImageBuild[] {
  const step = job.steps[index]
  if (!step) return []
  const known: KnownOfStep = {
    ...{ job: job.id, step: { name: step.name, id: step.id, index, line: step.line } },
    ...{ source: around.file, driver: driverBefore(job.steps, index), matrix: job.matrix },
    if:
      [job.if, step.if]
        .filter((condition) => condition !== null)
        .map(bareCondition)
        .join(' && ') || null,
    env: { ...around.env, ...readEnv(node) },
  }
  const directory = textOf(child(node, 'working-directory')) ?? around.directory
  return step.script === null ? actionBuild(node, known) : scriptBuilds(child(node, 'run'), known, directory)
}

function bareCondition(text: string, _index: number, all: string[]): string {
  const bare = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(text)?.[1]?.trim() ?? text.trim()
  return all.length > 1 ? `(${bare})` : bare
}

function readPermissions(node: YamlNode | null): Permissions {
  const permissions = child(node, 'permissions')
  if (permissions?.kind === 'map') {
    return Object.fromEntries(permissions.entries.map(({ key, value }) => [key, textOf(value) ?? '']))
  }
  const all = /^(read|write)-all$/.exec(textOf(permissions) ?? '')?.[1]
  return all === undefined ? null : { '*': all }
}

function defaultDirectory(node: YamlNode | null): string | null {
  return textOf(child(child(child(node, 'defaults'), 'run'), 'working-directory'))
}

/** Values that are the same in every run. */
function readEnv(node: YamlNode | null): Record<string, string> {
  const pairs = entriesOf(child(node, 'env')).flatMap(({ key, value }): [string, string][] => {
    const plain = plainValue(value)
    return plain === null || typeof plain === 'object' ? [] : [[key, textOf(value) ?? String(plain)]]
  })
  return Object.fromEntries(pairs)
}
