/**
 * A Dockerfile as BuildKit reads it: its stages, what each instruction takes in, and where it stands. Nothing in here
 * fails: what cannot be understood is a `Problem` with its line, and the rest is still there.
 */
export type Dockerfile = {
  /** path or name it was read under, for messages */
  file: string
  text: string
  /** of `# syntax=`; null when there is none */
  syntax: string | null
  escape: '\\' | '`'
  /** ARGs before the first FROM */
  globalArgs: Variable[]
  stages: Stage[]
  problems: Problem[]
}

/** `line` counts from 1. */
export type Problem = { file: string; line: number; message: string }

export type Stage = {
  index: number
  /** as written after AS, in lower case as BuildKit compares it; null when it has none */
  name: string | null
  base: Base
  line: number
  endLine: number
  /** FROM included, in order */
  instructions: Instruction[]
}

export type Base = {
  /** as written */
  text: string
  /** variables filled in with the defaults of the global ARGs; null when one has no value */
  image: string | null
  /** index of the stage it names */
  stage: number | null
  /** of `--platform`, as written */
  platform: string | null
}

export type Instruction = {
  /** upper case */
  keyword: string
  stage: number
  line: number
  endLine: number
  /** continuation lines joined and comments dropped, as BuildKit shows it, blanks and all; without ONBUILD */
  text: string
  /** what follows the keyword and the flags, on one line */
  rest: string
  /** arguments of the exec form `["a", "b"]`; null when they are not written so */
  json: string[] | null
  /** waits for stages built from this one, and runs there: they have a copy of it after their FROM, without this mark */
  onbuild: boolean
  /**
   * k of BuildKit's `[stage k/m]`: FROM an image is 1, then RUN, COPY, ADD and WORKDIR. Null for the others, for FROM
   * a stage or scratch (then the first RUN is 1), for `WORKDIR /`, and for what an ONBUILD only announces.
   */
  ordinal: number | null
  /** of `--name=value`, in order; `true` for a flag without a value */
  flags: { name: string; value: string | true }[]
  /** COPY and ADD */
  copy: Copy | null
  /** of `RUN --mount` */
  mounts: Mount[]
  /** what ENV sets, what ARG declares */
  variables: Variable[]
  /** bodies of `<<EOF`, in order */
  heredocs: string[]
}

export type Copy = {
  /** as written; heredocs left out */
  sources: string[]
  destination: string
  from: Source | null
  link: boolean
  chmod: string | null
  chown: string | null
  exclude: string[]
  parents: boolean
}

/** What `--from` or a mount's `from=` names. A stage is always an earlier one; a context is one that the reader was told of. */
export type Source =
  | { kind: 'stage'; stage: number }
  | { kind: 'image'; image: string }
  | { kind: 'context'; name: string }

export type Mount = {
  type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh'
  target: string | null
  /** path in the source, `/` when it is not given */
  source: string
  from: Source | null
  id: string | null
  readWrite: boolean
}

/** The value as it is written, quotes and variables in it; null when ARG gives none. */
export type Variable = { name: string; value: string | null; line: number }
