import { code, cut, join, link, type Mrkdwn, md, moment, person } from './escape.ts'

/** What people are told who link their GitHub account; only they see it. */

export type LinkCode = {
  /** what has to be typed at GitHub: `WDJB-MJHT` */
  userCode: string
  /** page to type it in, as GitHub's answer has it */
  verificationUri: string
  /** ISO 8601 */
  expiresAt: string
}

/** `githubUrl` is the configured one; nobody is sent to a page of any other host, whatever the answer names. */
export function typeThisCode({ userCode, verificationUri, expiresAt }: LinkCode, githubUrl: string): Mrkdwn {
  if (!isAt(verificationUri, githubUrl))
    return md`:warning: The answer that should come from GitHub names a page of another host, so I do not send you there. Tell an admin of this bot.`
  const page = link(verificationUri, cut(verificationUri.replace(/^https?:\/\//, ''), 100))
  return join(
    [
      md`:link: To link your GitHub account, open ${page} and enter ${code(cut(userCode, 40))}.`,
      md`The code is for you alone and good until ${moment(expiresAt)}. I only ask who you are.`,
    ],
    '\n',
  )
}

/** Over https; a local GitHub, which has no certificate, may have http for both. */
function isAt(page: string, githubUrl: string): boolean {
  const [url, ours] = [URL.parse(page), URL.parse(githubUrl)]
  if (url === null || ours === null || url.host !== ours.host || url.username !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && ours.protocol === 'http:')
}

export function linkedAs(login: string): Mrkdwn {
  return md`:white_check_mark: You are ${code(cut(login, 80))} at GitHub. ${code('/cache unlink')} ends that.`
}

/** One account is one person's here. `other`: Slack's id of who has it. */
export function linkedElsewhere(login: string, other: string): Mrkdwn {
  return md`:no_entry: ${code(cut(login, 80))} is linked to ${person(cut(other, 80))} already, so nothing was changed. If that is you too, use ${code('/cache unlink')} there first; if not, tell an admin: somebody may have had you type their code.`
}

/** The person let it be, said no, or the app may not ask. */
export function notLinked(because: 'expired' | 'denied' | 'disabled'): Mrkdwn {
  switch (because) {
    case 'expired':
      return md`:hourglass: The code has run out before it was entered. ${code('/cache link')} gives a new one.`
    case 'denied':
      return md`:information_source: You said no at GitHub, so nothing is linked.`
    case 'disabled':
      return md`:warning: The device flow is not enabled in the settings of our GitHub App. An admin of this bot can switch it on there.`
    default:
      return because satisfies never
  }
}

export const cannotLink = md`:warning: Accounts cannot be linked here: no client id of a GitHub App is configured. An admin of this bot can add it.`

/** `because`: what happened, where. */
export function linkFailed(because: string): Mrkdwn {
  return md`:warning: Your GitHub account is not linked: ${cut(because, 400)} Try ${code('/cache link')} again.`
}

/** `login` was linked until now; null: nothing was. */
export function unlinked(login: string | null): Mrkdwn {
  if (login === null) return md`:information_source: No GitHub account was linked to you.`
  return md`:white_check_mark: ${code(cut(login, 80))} is no longer linked to you.`
}
