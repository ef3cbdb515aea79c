import type { Build, Vertex } from '../build/build.ts'
import type { Observable } from './runbook-sign.ts'

/** Something that the log as a whole shows; `line` and `text` are where a reader sees it best. */
export type Observed = {
  name: Observable
  build: Build
  vertex: Vertex | null
  line: number
  text: string
  captures: Record<string, string>
}
