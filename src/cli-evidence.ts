import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Build } from './build/build.ts'
import { readChangedFiles } from './cache/changed-files.ts'
import type { Evidence, Sources } from './cache/evidence.ts'
import { wordsOf } from './cli-words.ts'
import { readIgnore } from './dockerfile/ignore.ts'
import { readDockerfile } from './dockerfile/read-dockerfile.ts'

/** What the options of `layerwise debug` say beside the log, by file names. */
export type EvidenceOptions = {
  dockerfile?: string
  previousDockerfile?: string
  dockerignore?: string
  changedFiles?: string
  context?: string
}

export type GivenEvidence = { evidence: Evidence; problems: string[] } | { unreadable: string }

/**
 * Evidence from files. A Dockerfile that does not parse is a problem to tell, and what is left of it is used. With a
 * build before and no `--previous-dockerfile` the Dockerfile is taken to be the same, unless it is listed as changed.
 */
export function givenEvidence(options: EvidenceOptions, previous: Build[] | null): GivenEvidence {
  try {
    const changed = options.changedFiles === undefined ? null : readChangedFiles(read(options.changedFiles))
    const sources = sourcesFrom(options)
    const problems = [sources.dockerfile, sources.previousDockerfile].flatMap(
      (dockerfile) => dockerfile?.problems ?? [],
    )
    return {
      evidence: { previous, changed, sourcesOf: () => sources },
      problems: problems.map(({ file, line, message }) => `${file}:${line}: ${message}`),
    }
  } catch (error) {
    if (error instanceof Unreadable) return { unreadable: error.message }
    throw error
  }
}

function sourcesFrom({ dockerfile, previousDockerfile, dockerignore, context }: EvidenceOptions): Sources {
  const now = dockerfile === undefined ? null : readDockerfile(read(dockerfile), basename(dockerfile))
  const before =
    previousDockerfile === undefined ? null : readDockerfile(read(previousDockerfile), basename(previousDockerfile))
  return {
    dockerfile: now,
    previousDockerfile: before,
    ignore: dockerignore === undefined ? null : readIgnore(read(dockerignore)),
    context: folderOf(context ?? '.'),
    buildArgs: null,
    cache: null,
  }
}

/** `./web/` and `web` are the same folder; so is what a Windows shell writes. */
function folderOf(context: string): string {
  return context
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '')
}

class Unreadable extends Error {}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Unreadable(`cannot read ${file}: ${wordsOf(error)}`, { cause: error })
  }
}
