import type { TroubleKind } from '../workflow/trouble/trouble.ts'
import type { Rule, RuleWords } from './rule.ts'
import { aptUpdateAlone } from './rules/apt-update-alone.ts'
import { cargoChefRemoved } from './rules/cargo-chef-removed.ts'
import { copyAllBeforeInstall } from './rules/copy-all-before-install.ts'
import { dockerfileInContext, missingDockerignore } from './rules/ignore-file.ts'
import { baseWithoutDigest, unpinnedBase } from './rules/unpinned-base.ts'
import { volatileArg } from './rules/volatile-arg.ts'

/** Those that look at a Dockerfile. */
export const dockerfileRules: Rule[] = [
  ...[copyAllBeforeInstall, cargoChefRemoved, volatileArg, missingDockerignore, aptUpdateAlone, unpinnedBase],
  ...[baseWithoutDigest, dockerfileInContext],
]

/** Those that look at a workflow's cache settings; `workflow/` finds them. */
export const workflowRules: Record<Exclude<TroubleKind, 'ignore-without-reason'>, Omit<RuleWords, 'id'>> = {
  'not-configured': {
    level: 'warning',
    summary: 'a build on a new machine reads and writes no cache',
    runbook: { file: 'cache-misses.md', anchor: 'no-cache-is-configured' },
  },
  'import-without-export': {
    level: 'warning',
    summary: 'a cache is read that nothing writes',
    runbook: { file: 'cache-misses.md', anchor: 'no-cache-is-configured' },
  },
  'export-without-import': {
    level: 'warning',
    summary: 'a cache is written that nothing reads',
    runbook: { file: 'cache-misses.md', anchor: 'no-cache-is-configured' },
  },
  'scope-clobbered': {
    level: 'warning',
    summary: 'builds of different images write one cache',
    runbook: { file: 'github-actions-cache.md', anchor: 'two-images-write-one-scope' },
  },
  'mode-min-multi-stage': {
    level: 'warning',
    summary: 'of a Dockerfile with several stages only the last one is exported',
    runbook: { file: 'cache-misses.md', anchor: 'only-the-last-stage-is-in-the-cache' },
  },
  'mode-invalid': {
    level: 'warning',
    summary: 'the mode of a cache export is none, and counts as `min`',
    runbook: { file: 'cache-misses.md', anchor: 'only-the-last-stage-is-in-the-cache' },
  },
  'unreachable-from-ref': {
    level: 'warning',
    summary: 'the cache is written on refs that others cannot read',
    runbook: { file: 'github-actions-cache.md', anchor: 'this-ref-sees-no-cache' },
  },
  'export-disabled': {
    level: 'warning',
    summary: 'the token of the job may not write the cache',
    runbook: { file: 'github-actions-cache.md', anchor: 'the-cache-token-may-not-write' },
  },
  'no-cache-always': {
    level: 'warning',
    summary: 'every build runs without cache',
    runbook: { file: 'cache-misses.md', anchor: 'the-cache-is-switched-off' },
  },
  'gha-needs-driver': {
    level: 'warning',
    summary: 'the builder cannot export a cache, as no builder of its own was set up',
    runbook: { file: 'github-actions-cache.md', anchor: 'when-to-use' },
  },
  'local-never-rotated': {
    level: 'warning',
    summary: 'a cache folder that only grows',
    runbook: { file: 'cache-misses.md', anchor: 'when-to-use' },
  },
}

export const ignoreWithoutReason: RuleWords = {
  id: 'ignore-without-reason',
  level: 'warning',
  summary: 'a finding is ignored, and nobody wrote why',
  runbook: { file: 'docker-layer-caching.md', anchor: 'optimisation-tips' },
}

/** All of them, in the order of the documentation. */
export const allRules: RuleWords[] = [
  ...dockerfileRules.map(({ check: _, ...words }) => words),
  ...Object.entries(workflowRules).map(([id, words]) => ({ id, ...words })),
  ignoreWithoutReason,
]
