/** What the local Slack does wrong on purpose, the next time or times a method is called. */
export type Outage = {
  /** e.g. `chat.postMessage` */
  method: string
  times?: number
  /** an HTTP status instead of an answer: 429, 503 … */
  status?: number
  /** seconds, for a 429 */
  retryAfter?: number
  /** Slack's own refusal: `{ ok: false, error }` */
  error?: string
  /** does what it was asked and then hangs up without an answer, as a broken connection would */
  lost?: boolean
  /** answers after so many ms, and rightly */
  late?: number
}

/** The outages to come; `take` says what to do wrong for this call, and counts it. */
export function openOutages() {
  const coming: (Outage & { left: number })[] = []
  return {
    failNext(outage: Outage): void {
      coming.push({ ...outage, left: outage.times ?? 1 })
    },
    take(method: string): Outage | null {
      const outage = coming.find((each) => each.method === method && each.left > 0)
      if (!outage) return null
      outage.left--
      return outage
    },
  }
}

export type Outages = ReturnType<typeof openOutages>
