import { readdirSync, readFileSync } from 'node:fs'
import type { KeptBuild, KeptStep } from '../../src/cache/kept-build.ts'
import { type LintFiles, wantedFiles, withoutSkipped } from '../../src/lint/files.ts'

const fixtures = new URL('../fixtures/lint/', import.meta.url).pathname

/** The project of the lab, whose Dockerfiles are as they should be. */
export function labFiles(): LintFiles {
  const read = (file: string) => readFileSync(`${fixtures}lab/${file}`, 'utf8')
  const listed = read('files')
    .split('\n')
    .filter((path) => path !== '')
  const texts = wantedFiles(listed).map((path) => [path, read(path)])
  return filesOf(Object.fromEntries(texts), listed)
}

/** Projects as the documentation of their ecosystems has them. */
export const styles: string[] = readdirSync(`${fixtures}styles`).sort()

export function styleFiles(name: string): LintFiles {
  const read = (file: string) => {
    try {
      return readFileSync(`${fixtures}styles/${name}/${file}`, 'utf8')
    } catch {
      return null
    }
  }
  const ignore = read('.dockerignore')
  const texts = { Dockerfile: read('Dockerfile') ?? '', ...(ignore === null ? {} : { '.dockerignore': ignore }) }
  return filesOf(
    texts,
    (read('files') ?? '').split('\n').filter((path) => path !== ''),
  )
}

/** A Dockerfile with something wrong, from the lab. */
export function planted(name: string): string {
  return readFileSync(`${fixtures}planted/${name}.Dockerfile`, 'utf8')
}

/** A repository of these texts, and of files whose texts nobody reads. */
export function filesOf(
  texts: Record<string, string>,
  others: string[] = [],
  base: Record<string, string> | null = null,
): LintFiles {
  const paths = withoutSkipped([...Object.keys(texts), ...others]).sort()
  const wanted = wantedFiles(paths)
  return {
    paths,
    texts: new Map(wanted.flatMap((path) => (texts[path] === undefined ? [] : [[path, texts[path]]]))),
    base: base && new Map(Object.entries(base)),
  }
}

/** The same repository with another text, or one more. */
export function withText({ paths, texts, base }: LintFiles, path: string, text: string): LintFiles {
  return { paths: [...new Set([...(paths ?? []), path])], texts: new Map([...texts, [path, text]]), base }
}

/** A build that is remembered, with these steps. */
export function builtWith(...steps: Partial<KeptStep>[]): KeptBuild {
  const step: KeptStep = { name: '', stage: null, platform: null, status: 'executed', seconds: null }
  return {
    ...{
      repository: 'acme/web',
      workflow: 'CI',
      jobName: 'build',
      series: '',
      branch: 'main',
      event: 'push',
      ref: null,
    },
    ...{ sha: 'a'.repeat(40), runId: 1, attempt: 1, jobId: 1, index: 0, at: new Date(0), outcome: 'succeeded' },
    ...{ hitRate: null, seconds: null, cached: 0, executed: 1, firstMisses: [], imports: [], exports: [] },
    steps: steps.map((one) => ({ ...step, ...one })),
  }
}
