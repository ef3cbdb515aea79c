/** To hundredths, so that sums of hundredths stay such. Clocks that were set back tell of negative times. */
export function seconds(time: number): number {
  return Math.max(0, Math.round(time * 100) / 100)
}
