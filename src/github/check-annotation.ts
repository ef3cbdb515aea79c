import { z } from 'zod'

/** A remark at lines of a file, as a check run shows it in the pull request. */
export type Annotation = {
  /** from the repository's root */
  path: string
  /** counted from 1 */
  startLine: number
  endLine: number
  level: 'notice' | 'warning' | 'failure'
  title: string
  message: string
}

/** https://docs.github.com/rest/checks/runs#create-a-check-run; that of titles is what GitHub shows of them. */
export const limits = { annotations: 50, title: 255, summary: 65_535, message: 65_535 } as const

/** Which are not shown yet, and whether any is shown that is not wanted any more. */
export function missingFrom(wanted: Annotation[], shown: Annotation[]): { missing: Annotation[]; stale: boolean } {
  const [want, have] = [wanted.map(nameOf), shown.map(nameOf)]
  return {
    missing: wanted.filter((_, at) => !have.includes(want[at] ?? '')),
    stale: have.some((one) => !want.includes(one)),
  }
}

function nameOf(annotation: Annotation): string {
  const { path, start_line, end_line, annotation_level, title, message } = payloadOf(annotation)
  return JSON.stringify([path, start_line, end_line, annotation_level, title.trim(), message.trim()])
}

/** In GitHub's words, and within its limits. */
export function payloadOf(annotation: Annotation) {
  return {
    path: annotation.path,
    start_line: Math.max(1, annotation.startLine),
    end_line: Math.max(1, annotation.startLine, annotation.endLine),
    annotation_level: annotation.level,
    title: within(limits.title, annotation.title),
    message: within(limits.message, annotation.message),
  }
}

/** GitHub refuses the whole check run for one text that is too long; for annotations it counts bytes. */
export function within(most: number, text: string): string {
  if (Buffer.byteLength(text) <= most) return text
  // A character that the cut goes through is left out.
  return `${Buffer.from(text)
    .subarray(0, most - 3)
    .toString()
    .replace(/(?<!\uFFFD)\uFFFD+$/, '')}…`
}

export const annotationSchema = z
  .object({
    path: z.string(),
    start_line: z.int(),
    end_line: z.int(),
    annotation_level: z.enum(['notice', 'warning', 'failure']).nullable(),
    title: z.string().nullable(),
    message: z.string().nullable(),
  })
  .transform(
    (shown): Annotation => ({
      path: shown.path,
      startLine: shown.start_line,
      endLine: shown.end_line,
      level: shown.annotation_level ?? 'notice',
      title: shown.title ?? '',
      message: shown.message ?? '',
    }),
  )
