/** A mistake in what a person wrote, where it stands, and what would have been right. */
export type Problem = { file: string; line: number; message: string }
export type Report = (line: number, message: string) => void

export function printProblem({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`
}
