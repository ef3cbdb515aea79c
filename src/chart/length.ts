/** `0.4 s`, `41 s`, `3 min 32 s`, `1 h 4 min`: as exact as anybody needs it beside a bar. */
export function length(time: number): string {
  if (time < 0.05) return 'under 0.1 s'
  if (time < 10) return `${time.toFixed(1)} s`
  const whole = Math.round(time)
  if (whole < 100) return `${whole} s`
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** To hundredths, so that sums of hundredths stay such. Clocks that were set back tell of negative times. */
export function seconds(time: number): number {
  return Math.max(0, Math.round(time * 100) / 100)
}
