/** A fault to play: the next `times` requests that match are not answered as usual. */
export type Outage = {
  /** part of `METHOD /path?query`, or a pattern for it */
  match: string | RegExp
  times?: number
} & (
  | { status: number; headers?: Record<string, string>; body?: unknown }
  /** API only: GitHub does what was asked, and the connection is cut before it can say so */
  | { lost: true }
  /** logs only: the connection is cut after so many bytes, or goes silent there */
  | { breakAfter: number; stall?: boolean }
)

export type Outages = {
  add(outage: Outage): void
  /** The fault this request meets, if any; each counts down. */
  next(request: string): Outage | null
}

export function outages(): Outages {
  const left: { outage: Outage; times: number }[] = []
  return {
    add: (outage) => void left.push({ outage, times: outage.times ?? 1 }),
    next(request) {
      const hit = left.find(({ outage, times }) => times > 0 && meets(outage, request))
      if (hit === undefined) return null
      hit.times--
      return hit.outage
    },
  }
}

function meets({ match }: Outage, request: string): boolean {
  return typeof match === 'string' ? request.includes(match) : match.test(request)
}
