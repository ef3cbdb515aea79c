import type { BakeCall } from './workflow.ts'

/** `*.cache-from=type=gha,scope=x`: an override of `--set`. `+=` adds instead of replacing. */
export function readBakeSet(text: string, line: number): BakeCall['set'][number] | null {
  const [, pattern, key, value] = /^([^.=]+)\.([\w.-]+?)\+?=(.*)$/s.exec(text) ?? []
  return pattern === undefined || key === undefined || value === undefined ? null : { pattern, key, value, line }
}
