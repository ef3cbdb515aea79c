/** What a file is, by its first four bytes; no log begins like these. */

export function isPacked(start: Uint8Array): boolean {
  return isGzip(start) || isZip(start)
}

export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b
}

/** Also an empty zip, which has no file to begin with. */
export function isZip(start: Uint8Array): boolean {
  const [p, k, one, two] = start
  return p === 0x50 && k === 0x4b && ((one === 3 && two === 4) || (one === 5 && two === 6))
}
