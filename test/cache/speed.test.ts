import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explainFile } from '../../src/cli-explain.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { plainLog, sha } from './told-misses.ts'

const signs = indexSigns(await loadRunbooks([ownRunbooks]))

/** Ten stages, each built on the one before or on the image, and ten steps in each; the later half hides what it shares. */
function large(built: 'beside each other' | 'on each other') {
  const stages = Array.from({ length: 10 }, (_, stage) => {
    const base = built === 'on each other' && stage > 0 ? `s${stage - 1}` : 'node:22'
    const own = [
      'WORKDIR /app',
      'COPY package.json ./',
      ...(stage > 0 ? [`COPY --from=s${stage - 1} /app/out${stage} in${stage}`] : ['COPY lib lib']),
      ...Array.from({ length: 6 }, (_, step) =>
        step % 2 ? `RUN make part${stage}-${step}` : `COPY src/m${stage}/d${step} d${step}`,
      ),
      `RUN make stage${stage}`,
    ]
    return { name: `s${stage}`, base, own }
  })
  const dockerfile = stages.map(({ name, base, own }) => `FROM ${base} AS ${name}\n${own.join('\n')}\n`).join('')
  const log = stages.flatMap(({ name, base, own }, index) => {
    const from = base === 'node:22' ? 1 : 0
    const total = own.length + from
    const shown = own.map((step, at) => {
      // what reads the same on the same parent is shown once
      const hidden = built === 'beside each other' && index > 0 && at < 2
      const ran = at >= 3
      return hidden ? [] : [`[${name} ${at + 1 + from}/${total}] ${step} | ${ran ? 'DONE 1.0s' : 'CACHED'}`]
    })
    return [
      ...(from ? [`[${name} 1/${total}] FROM docker.io/library/node:22@${sha('a')} | CACHED`] : []),
      ...shown.flat(),
    ]
  })
  const changed = Array.from({ length: 3_000 }, (_, at) => `src/m${at % 10}/d${(at % 3) * 2}/file${at}.ts`)
  const ignore = ['**/*.md', 'docs', '!docs/README.md', '**/node_modules', '*.log', '.git', 'dist/**', 'tmp*']
  return { dockerfile, log: plainLog(log.join('\n')), changed: changed.join('\n'), ignore: ignore.join('\n') }
}

test.each(['beside each other', 'on each other'] as const)(
  'a hundred steps in ten stages %s, with 3,000 changed files, are explained in under a second',
  async (built) => {
    const { dockerfile, log, changed, ignore } = large(built)
    const folder = mkdtempSync(join(tmpdir(), 'layerwise-speed-'))
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    try {
      const options = {
        previous: file('previous.log', log.replaceAll('CACHED', 'DONE 1.0s')),
        dockerfile: file('Dockerfile', dockerfile),
        previousDockerfile: file('Dockerfile.before', `${dockerfile}CMD ["a"]\n`),
        dockerignore: file('.dockerignore', ignore),
        changedFiles: file('changed', changed),
        context: '.',
      }
      const input = file('build.log', log)
      const started = performance.now()
      const told = await explainFile(input, signs, options)
      const took = performance.now() - started
      console.log(`ten stages ${built}: ${Math.round(took)} ms`)
      if ('unreadable' in told) throw new Error(told.unreadable)
      expect(told.builds[0]?.firstMisses).toHaveLength(10)
      expect(told.builds[0]?.firstMisses[0]).toMatchObject({ stage: 's0', reason: 'file-changed' })
      expect(took).toBeLessThan(1_000)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
