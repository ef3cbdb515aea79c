/** `under 0.1 s`, `0.4 s`, `41 s`, `3 min 32 s`, `1 h 4 min`: as exact as anybody needs it in a sentence. */
export function took(seconds: number): string {
  if (seconds < 0.05) return 'under 0.1 s'
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 100) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
}
