import { redact } from '../build/redact.ts'
import type { Fix } from '../cache/evidence.ts'
import type { Miss } from '../cache/miss.ts'
import { applyEdits, diffOf, type FileEdit, type Finding } from './finding.ts'
import { lint } from './lint.ts'

/** Texts of the files a build was made from, by their path in the repository. */
export type SourceTexts = ReadonlyMap<string, string>

/**
 * Edits that would end the misses of a build, the costliest miss first: what the rules of the lint propose, where one of
 * them names the reason of a miss. An edit that would break a rule itself is never offered.
 */
export function fixesOf(misses: Miss[], texts: SourceTexts): Fix[] {
  const wanted = new Set(byCost(misses).flatMap(rulesFor))
  if (wanted.size === 0 || texts.size === 0) return []
  const { findings } = lint({ paths: null, texts, base: null })
  return [...wanted].flatMap((rule) =>
    findings
      .filter((finding) => finding.rule === rule && finding.ignored === null)
      .flatMap((finding) => fixOf(finding, texts)),
  )
}

function byCost(misses: Miss[]): Miss[] {
  return misses.toSorted((a, b) => (b.secondsLost ?? 0) - (a.secondsLost ?? 0))
}

/** The rules that a miss shows to be broken; none when it was to be expected. */
function rulesFor({ reason, expected }: Miss): string[] {
  return expected === true ? [] : (rules[reason] ?? [])
}

const rules: Partial<Record<Miss['reason'], string[]>> = {
  'file-changed': ['copy-all-before-install', 'missing-dockerignore', 'dockerfile-in-context'],
  'build-arg-changed': ['volatile-arg-before-install'],
  'env-changed': ['volatile-arg-before-install'],
  'not-exported': ['mode-min-multi-stage', 'mode-invalid'],
  'cache-not-configured': ['not-configured', 'gha-needs-driver'],
  'cache-import-failed': ['gha-needs-driver'],
  'cache-import-not-found': ['import-without-export', 'unreachable-from-ref', 'export-disabled'],
  'scope-overwritten': ['scope-clobbered'],
  'scope-unreachable': ['unreachable-from-ref'],
}

function fixOf({ rule, line, why, edit }: Finding, texts: SourceTexts): Fix[] {
  if (edit === null || !keepsRules(edit, texts)) return []
  const diff = diffOf(edit.file, texts.get(edit.file) ?? null, [edit])
  return [{ rule, file: redact(edit.file), line, why: redact(why), diff: redact(diff) }]
}

/** Nothing is prohibited after the edit that was not before; a remedy that breaks a rule is none. */
export function keepsRules(edit: FileEdit, texts: SourceTexts): boolean {
  const after = new Map([...texts, [edit.file, applyEdits(texts.get(edit.file) ?? '', [edit])]])
  const prohibited = (files: SourceTexts) =>
    lint({ paths: null, texts: files, base: texts }).findings.filter(({ level }) => level === 'prohibited')
  const [before, then] = [prohibited(texts), prohibited(after)]
  return !then.some(({ rule }) => count(then, rule) > count(before, rule))
}

function count(findings: Finding[], rule: string): number {
  return findings.filter((finding) => finding.rule === rule).length
}
