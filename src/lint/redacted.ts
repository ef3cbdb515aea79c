import { redact } from '../build/redact.ts'
import type { Finding } from './finding.ts'

/** A finding quotes files, and findings are shown to many. An edit with a secret in it is none: masked, it would write the mask. */
export function redacted(finding: Finding): Finding {
  const { edit, message, ignored } = finding
  const isClean = edit?.replacement.every((line) => redact(line) === line) ?? true
  return {
    ...finding,
    message: redact(message),
    edit: isClean ? edit : null,
    ignored: ignored === null ? null : redact(ignored),
  }
}
