import { code, cut, join, link, type Mrkdwn, md, moment } from './escape.ts'

/** What people are told who link their GitHub account; only they see it. */

export type LinkCode = {
  /** what has to be typed at GitHub: `WDJB-MJHT` */
  userCode: string
  /** page to type it in, as GitHub's answer has it */
  verificationUri: string
  /** ISO 8601 */
  expiresAt: string
}

/** `githubUrl` is the configured one; a page of any other host is named and not linked, and nobody is sent there. */
export function sayLinkCode({ userCode, verificationUri, expiresAt }: LinkCode, githubUrl: string): Mrkdwn {
  const page = isOurs(verificationUri, githubUrl) ? link(verificationUri, shortPage(verificationUri)) : null
  if (page === null)
    return md`:warning: GitHub’s answer names a page of another host, so I do not send you there. Tell an admin of this bot.`
  return join(
    [
      md`:link: To link your GitHub account, open ${page} and enter ${code(cut(userCode, 40))}.`,
      md`The code is for you alone and good until ${moment(expiresAt)}. I read nothing but who you are.`,
    ],
    '\n',
  )
}

function isOurs(page: string, githubUrl: string): boolean {
  const [url, ours] = [URL.parse(page), URL.parse(githubUrl)]
  // A local GitHub has no certificate.
  const schemes = ours?.protocol === 'http:' ? ['http:', 'https:'] : ['https:']
  return (
    url !== null && ours !== null && schemes.includes(url.protocol) && url.host === ours.host && url.username === ''
  )
}

function shortPage(page: string): string {
  return cut(page.replace(/^https?:\/\//, ''), 100)
}

export const linkWaiting = md`:hourglass_flowing_sand: A code is waiting already: enter it at GitHub, or wait until it has run out and ask again.`

export function sayLinked({ login }: { login: string }): Mrkdwn {
  return md`:white_check_mark: You are ${code(cut(login, 80))} at GitHub. ${code('/cache unlink')} ends it.`
}

/** `because` is a sentence. */
export function sayLinkFailed(because: string): Mrkdwn {
  return md`:warning: Your GitHub account is not linked: ${cut(because, 400)} Try ${code('/cache link')} again.`
}

/** `login` was linked until now; null: nothing was. */
export function sayUnlinked(login: string | null): Mrkdwn {
  if (login === null) return md`:information_source: No GitHub account was linked to you.`
  return md`:white_check_mark: ${code(cut(login, 80))} is no longer linked to you. You can also take the right back at GitHub, under your authorized apps.`
}
