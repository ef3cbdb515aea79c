/** Wakes one sleeper. Rung while nobody sleeps, it wakes the next one at once, so that no ring is lost. */
export type Bell = { ring(): void; wait(ms: number): Promise<void> }

export function bell(): Bell {
  let rung = false
  let wake: (() => void) | null = null
  return {
    ring() {
      rung = true
      wake?.()
    },
    async wait(ms) {
      if (!rung) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const timer = setTimeout(resolve, ms)
        await promise
        clearTimeout(timer)
        wake = null
      }
      rung = false
    },
  }
}
