export type Platform = { os: string; architecture: string; variant: string | null; osVersion: string | null }

/** `linux/arm64`, `linux/arm/v7`, `arm64`; null when it is none. */
export function parsePlatform(text: string): Platform | null {
  const parts = text.trim().toLowerCase().split('/')
  if (parts.length > 3 || !parts.every((part) => /^[a-z0-9][a-z0-9._-]{0,40}$/.test(part))) return null
  const [os = '', architecture, variant] = parts.length === 1 ? ['linux', ...parts] : parts
  return { os, architecture: usual(architecture ?? ''), variant: variant ?? null, osVersion: null }
}

/** As Docker writes it. */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === null ? [] : [variant])].join('/')
}

/** The first of `there` that is what was wanted; without a wish that of most build machines, or else the first. */
export function choosePlatform<Has extends { platform: Platform }>(there: Has[], wanted: Platform | null): Has | null {
  if (wanted !== null) return there.find(({ platform }) => matches(platform, wanted)) ?? null
  return there.find(({ platform }) => platformName(platform) === 'linux/amd64') ?? there[0] ?? null
}

/** `linux/arm64` and `linux/arm64/v8` are the same, as are `linux/arm` and its v7 (containerd, `platforms/database.go`). */
function matches(platform: Platform, wanted: Platform): boolean {
  return (
    platform.os === wanted.os &&
    platform.architecture === wanted.architecture &&
    variantOf(platform) === variantOf(wanted)
  )
}

function variantOf({ architecture, variant }: Platform): string {
  if (architecture === 'arm64') return variant ?? 'v8'
  if (architecture === 'arm') return variant ?? 'v7'
  return variant === 'v1' ? '' : (variant ?? '')
}

function usual(architecture: string): string {
  return (
    { x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64', armhf: 'arm', i386: '386' }[architecture] ?? architecture
  )
}
