/** Paths of contexts and Dockerfiles, from the root of the repository where they are literal. */

/** Where the builder looks for a Dockerfile when none is named; null when the context is no directory. */
export function dockerfileIn(context: string | null): string | null {
  if (context === null || !isDirectory(context)) return null
  return joinPath(context, 'Dockerfile')
}

export function inDirectory(directory: string, path: string | null): string | null {
  return path === null || !isDirectory(path) ? path : joinPath(directory, path)
}

/** `./web/` in `.` is `web`; what is absolute, or begins with a variable, stays as it is. */
export function joinPath(directory: string, path: string): string {
  if (/^[/$~]/.test(path)) return path
  const parts: string[] = []
  for (const part of `${directory}/${path}`.split('/')) {
    if (part === '..' && parts.length > 0 && !isOpen(parts.at(-1) ?? '')) parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return (directory.startsWith('/') ? '/' : '') + (parts.join('/') || '.')
}

/** What a variable stands for is not known, nor what lies above the top. */
function isOpen(part: string): boolean {
  return part === '..' || /[$}]/.test(part)
}

/** Not standard input, and not an address. */
function isDirectory(path: string): boolean {
  return path !== '-' && !/:\/\/|^git@/.test(path)
}
