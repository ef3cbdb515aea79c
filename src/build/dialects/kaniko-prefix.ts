/**
 * A line of kaniko's without its level, in any of `--log-format`: coloured and `text` (`INFO[0012] RUN make`, padded to a
 * width), logfmt, JSON. Null for the bare lines of commands and for its last word (kaniko `pkg/logging/logging.go`).
 */
export function readKanikoPrefix(text: string): string | null {
  const levelled =
    /^ ?(?:INFO|WARN|ERRO|FATA|DEBU|TRAC)\[(?:\d{4,}|\d{4}-\d\d-\d\dT[\d:]{8}[\dZ:+-]{0,6})\] ?(.*)$/s.exec(text)?.[1]
  if (levelled !== undefined) return levelled.trimEnd()
  const quoted = /^time="?[^ "]*"? level=\w+ msg=("(?:[^"\\]|\\.)*"|\S+)/.exec(text)?.[1]
  if (quoted !== undefined) return quoted.startsWith('"') ? unquoted(quoted).trimEnd() : quoted
  return /^\{"level":/.test(text) ? messageIn(text) : null
}

/** logrus quotes as Go does, which for what stands in a log is as JSON does. */
function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted.slice(1, -1)
  }
}

function messageIn(text: string): string | null {
  try {
    const entry: unknown = JSON.parse(text)
    const message = typeof entry === 'object' && entry !== null && 'msg' in entry ? entry.msg : null
    return typeof message === 'string' ? message.trimEnd() : null
  } catch {
    return null
  }
}
