import type { KeptBuild } from '../cache/kept-build.ts'
import type { Dockerfile, Problem } from '../dockerfile/dockerfile.ts'
import { readDockerfile } from '../dockerfile/read-dockerfile.ts'
import { contextsOf } from './contexts.ts'
import { costOf } from './cost.ts'
import { isDockerfile, type LintFiles } from './files.ts'
import { type Finding, levels } from './finding.ts'
import { markIgnored } from './ignores.ts'
import { redacted } from './redacted.ts'
import type { Draft, Rule, Scene } from './rule.ts'
import { dockerfileRules } from './rules.ts'
import { dockerfileOfBuild, readWorkflows, workflowFindings } from './workflows.ts'

export type LintOptions = {
  /** also what is a matter of taste */
  strict?: boolean
  /** builds that are remembered, for what a fault costs */
  history?: KeptBuild[]
}

export type LintReport = {
  /** worst first; ignored ones last */
  findings: Finding[]
  /** what could not be understood of a file */
  problems: Problem[]
  dockerfiles: string[]
  workflows: string[]
}

/** The runbook's prohibited actions and tips, held against the files of a repository. */
export function lint(files: LintFiles, { strict = false, history = [] }: LintOptions = {}): LintReport {
  const workflows = readWorkflows(files)
  const dockerfiles = [...files.texts].flatMap(([path, text]) =>
    isDockerfile(path) ? [readDockerfile(text, path)] : [],
  )
  const rules = dockerfileRules.filter((rule) => strict || !rule.strict)
  const found = dockerfiles.flatMap((dockerfile) => {
    const builds = workflows.builds.filter((build) => dockerfileOfBuild(build) === dockerfile.file)
    const before = files.base?.get(dockerfile.file)
    const previous = before === undefined ? null : readDockerfile(before, dockerfile.file)
    const scenes = contextsOf(files, dockerfile, builds).map((context) => ({ dockerfile, previous, context, builds }))
    return markIgnored(once(scenes.flatMap((scene) => findingsOf(scene, rules, history))), dockerfile)
  })
  return {
    findings: [...found, ...workflowFindings(files, workflows)].map(redacted).sort(worstFirst),
    problems: [...dockerfiles, ...workflows.workflows].flatMap(({ problems }) => problems),
    dockerfiles: dockerfiles.map(({ file }) => file),
    workflows: workflows.workflows.map(({ file }) => file),
  }
}

function findingsOf(scene: Scene, rules: Rule[], history: KeptBuild[]): Finding[] {
  return rules.flatMap((rule) => rule.check(scene).map((draft) => finished(scene.dockerfile, rule, draft, history)))
}

function finished(dockerfile: Dockerfile, rule: Rule, draft: Draft, history: KeptBuild[]): Finding {
  const { level = rule.level, reruns = [], ...said } = draft
  const cost = costOf(dockerfile, reruns, history)
  return { rule: rule.id, file: dockerfile.file, level, ...said, cost, runbook: rule.runbook, ignored: null }
}

/** A Dockerfile that is built in several contexts says most things twice. */
function once(findings: Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ rule, line, edit }) => {
    const key = `${rule} ${line} ${edit?.file}`
    return !seen.has(key) && seen.add(key)
  })
}

function worstFirst(one: Finding, other: Finding): number {
  const rank = ({ level, ignored }: Finding) => levels.indexOf(level) + (ignored === null ? 0 : levels.length)
  const cost = (finding: Finding) => finding.cost?.secondsPerBuild ?? 0
  return (
    rank(one) - rank(other) || cost(other) - cost(one) || one.file.localeCompare(other.file) || one.line - other.line
  )
}
