import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import type { Ignore } from '../dockerfile/ignore.ts'
import type { ChangedFiles } from './changed-files.ts'
import type { BuildArgs } from './evidence.ts'

/** What a change does to the sources of an image. */
export type Change = {
  dockerfile: Dockerfile
  /** null: there was none */
  previousDockerfile: Dockerfile | null
  changed: ChangedFiles
  /** null: not known */
  ignore: Ignore | null
  /** absent when the ignore file is not changed */
  previousIgnore?: Ignore | null
  /** all files of the repository after the change, by which an edited ignore file is judged; absent: not known */
  files?: readonly string[]
  /** relative to the repository's root, empty for the root; null when it is no folder of it */
  context: string | null
  target?: string | null
  buildArgs?: BuildArgs | null
}
