/** What no image wants, and what only makes its layers miss: history, installed packages, the output of earlier builds. */
export function isByProduct(path: string): boolean {
  return /(?:^|\/)(?:\.git|node_modules|target|coverage|\.venv|__pycache__|\.next|\.gradle)(?:\/|$)|(?:^|\/)gha-creds-|\.log$/.test(
    path,
  )
}
