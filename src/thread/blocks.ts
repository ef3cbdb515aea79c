import type { ContextBlock, KnownBlock, SectionBlock } from '@slack/types'
import type { Cause } from '../diagnosis/explanation.ts'
import type { RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { codeBlock, cut, join, type Mrkdwn, plainLine } from './escape.ts'
import { linesWithin } from './limits.ts'
import { cacheVerdict } from './miss-wording.ts'
import * as say from './wording.ts'

/**
 * A section of mrkdwn. `verbatim` keeps Slack from making links and mentions out of plain words; what is a link or a
 * mention was made one on purpose.
 */
export function section(id: string, text: Mrkdwn): SectionBlock {
  return { type: 'section', block_id: id, text: { type: 'mrkdwn', text: text.mrkdwn, verbatim: true }, expand: true }
}

/** The small grey line. */
export function context(id: string, text: Mrkdwn): ContextBlock {
  return { type: 'context', block_id: id, elements: [{ type: 'mrkdwn', text: text.mrkdwn, verbatim: true }] }
}

/** Cause, evidence and what to do, of the job that leads. */
export function diagnosisBlocks(diagnosis: RunDiagnosis, cause: Cause | null): KnownBlock[] {
  if (cause === null) return [section('cause', withoutCause(diagnosis))]
  const what = join([say.causeSentence(cause), say.jobsSharing(diagnosis), say.seenBefore(diagnosis, cause)], '\n')
  return [section('cause', what), ...evidenceBlocks(cause), ...fixBlocks(cause)]
}

/** The lines of the log that show it, with their numbers. */
export function evidenceBlocks(cause: Cause): KnownBlock[] {
  if (cause.evidence.length === 0) return []
  const width = Math.max(...cause.evidence.map(({ line }) => String(line).length))
  const lines = cause.evidence.map(
    ({ line, text }) => `${String(line).padStart(width)}: ${cut(text.replaceAll('\n', ' '), 240)}`,
  )
  const { shown } = linesWithin(lines, 2_100)
  const intro = cause.id === 'unknown-failure' ? say.linesThatTell : null
  return [section('evidence', join([intro, codeBlock(shown)], '\n'))]
}

function fixBlocks(cause: Cause): KnownBlock[] {
  const remedies = cause.remedies.toSorted(
    (one, other) => say.verdictOrder.indexOf(one.verdict) - say.verdictOrder.indexOf(other.verdict),
  )
  const lines = [...cause.fix.slice(0, 5).map(say.fixItem), ...remedies.slice(0, 3).map(say.remedyLine)]
  return lines.length === 0 ? [] : [section('fix', join([say.whatToDo, ...lines], '\n'))]
}

function withoutCause({ jobs, missing, lead }: RunDiagnosis): Mrkdwn {
  const notes = missing.slice(0, 5).map(say.couldNotRead)
  const told = lead === null ? undefined : jobs[lead]
  if (told?.explanation) {
    const { builds, docker } = told.explanation
    const green = docker ? say.passed(cacheVerdict(builds)) : say.noImageBuilt
    return join([told.conclusion === 'success' ? green : say.nothingFailedInLog, ...notes], '\n')
  }
  if (jobs.length === 0 && missing.length === 0) return say.nothingFailed
  return join([say.noLog, ...notes], '\n')
}

/** One line that says the same: state, place, cause. */
export function fallback(headline: string, diagnosis: RunDiagnosis, cause: Cause | null): string {
  const unread = cause === null && diagnosis.jobs.every((job) => job.explanation === null)
  if (unread && diagnosis.jobs.length + diagnosis.missing.length === 0) return plainLine(headline)
  const lead = diagnosis.lead === null ? undefined : diagnosis.jobs[diagnosis.lead]
  if (cause === null && lead?.explanation && lead.conclusion === 'success')
    return plainLine(lead.explanation.docker ? `${headline}, ${cacheVerdict(lead.explanation.builds)}` : headline)
  return plainLine(`${headline}: ${unread ? say.plainMissing(diagnosis.missing) : say.plainCause(cause)}`)
}

/**
 * The failed jobs on one line, the lead first and a matrix folded: `build (linux/amd64, linux/arm64)`, and past three
 * of a kind only their number.
 */
export function foldJobs({ jobs, lead }: RunDiagnosis): string {
  const first = lead === null ? undefined : jobs[lead]
  const names = first
    ? [first, ...jobs.filter((job) => job !== first)].map(({ name }) => name)
    : jobs.map(({ name }) => name)
  const matrices = Map.groupBy(names, (name) => name.replace(/ \(.*\)$/s, ''))
  const folded = [...matrices].map(([base, members]) => {
    if (members.length === 1) return members[0] ?? base
    const variants = members.map((name) => name.slice(base.length + 2, -1) || name)
    return `${base} (${members.length > 3 ? `${members.length} jobs of its matrix` : variants.join(', ')})`
  })
  const shown = folded.slice(0, 3).map((name) => cut(name, 100))
  return [...shown, ...(folded.length > 3 ? [`${folded.length - 3} more`] : [])].join(', ')
}
