/** Text as both engines keep it: PostgreSQL refuses a NUL, both half a pair. */
export function plainText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}
