import { looksMade } from './value.ts'

/**
 * Places where what follows is a secret, whatever it looks like: options, headers, a password that is piped into a
 * login. `head` ends where the value begins; `holds` looks at the value and at the text around it.
 */
export type SecretPlace = {
  head: RegExp
  holds?: (value: string, around: { before: string; after: string; head: string }) => boolean
  /** the value goes on to the end of its line or quotes, blanks and all */
  whole?: true
}

export const secretPlaces: SecretPlace[] = [
  { head: /::add-mask::/g, whole: true },
  // curl -H "Authorization: Bearer x"; a signed request's header is all credential
  {
    head: /\b(?:proxy-)?authorization\\{0,3}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}["']?(?:digest|negotiate|ntlm|oauth|hawk|aws4-hmac-sha256)[ \t]+/gi,
    whole: true,
  },
  {
    head: /\b(?:proxy-)?authorization\\{0,3}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}["']?(?:bearer|basic|token|apikey|bot|ssws|splunk|genie-?key)[ \t]+/gi,
  },
  { head: /\b(?:proxy-)?authorization\\{0,3}["']?[ \t]{0,4}[:=][ \t]{0,4}/gi, holds: (value) => looksMade(value) },
  { head: /\bbearer[ \t]+/gi, holds: (value) => !/^\w+=/.test(value) && looksMade(value) },
  {
    head: /\b(?:set-)?cookie2?\\{0,3}["']?[ \t]{0,4}:[ \t]{0,4}\\{0,3}["']?/gi,
    whole: true,
    holds: (value) => /=/.test(value),
  },
  // docker login --password x, --token=x, --build-secret-token x
  {
    head: /--?(?:[a-z0-9]{1,20}[-_]){0,3}(?:password|passwd|passphrase|token|secret|api-?key|access-?key|secret-?key|auth-?key|private-?key)(?:=|[ \t]{1,4})/gi,
    holds: (value) => !/^(?:-|(?:id|type|src|source|env)=|\\$)/.test(value),
  },
  { head: /[ \t]-p[ \t]{0,4}/g, holds: (value, { before, head }) => isPassword(value, before, head) },
  // curl -u robot:x
  {
    head: /[ \t](?:-[uU]|--user|--proxy-user)[ \t=]{0,4}["']?[^\s:"'$]{1,100}:/g,
    holds: (_, { before }) => /\b(?:curl|wget|http|https)\b/.test(before),
  },
  // echo x | docker login --password-stdin, and <<< x
  {
    head: /\b(?:echo|printf)[ \t]{1,4}(?:-[neE]{1,3}[ \t]{1,4}|["']?%s(?:\\n)?["']?[ \t]{1,4})?/g,
    holds: (_, { after }) => /^["']?[ \t]*\|[^|\n]{0,100}(?:login|-stdin)\b/.test(after),
  },
  { head: /-stdin[ \t]*<<<[ \t]*/g },
]

/** `-p` is a password only after login, sshpass and mysql; elsewhere a port, a path, a project. */
function isPassword(value: string, before: string, head: string): boolean {
  if (value.startsWith('-')) return false
  if (/\blogin\b/.test(before)) return / $|\t$/.test(head)
  return /\b(?:sshpass|mysql|mysqldump|mariadb)\b/.test(before)
}
