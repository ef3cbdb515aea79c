import { GithubFault } from '../../github/fault.ts'

/** Asks GitHub for a part of the evidence; null when it cannot be had, which is then named among what is missing. */
export type Attempt = <T>(what: string, ask: () => Promise<T>) => Promise<T | null>

/** A fault of GitHub is a gap to be named; any other is ours. Once its rate limit is used up nothing more is asked. */
export function attempting(missing: string[]): Attempt {
  let limited = false
  return async (what, ask) => {
    if (limited) return null
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof GithubFault)) throw error
      const first = !limited
      limited ||= error.code === 'rate-limited'
      const lacking = limited ? `${what} and what was to be asked after it` : what
      if (first) missing.push(`why steps missed their cache is less sure without ${lacking}: ${error.message}`)
      return null
    }
  }
}
