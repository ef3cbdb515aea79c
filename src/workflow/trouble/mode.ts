import type { Dockerfile } from '../../dockerfile/dockerfile.ts'
import { type CacheOption, cacheFields } from '../cache-option.ts'
import { rewriteOption, withField } from './edits.ts'
import { hiddenStages } from './needed-stages.ts'
import { type Finding, finding, isSymbolic, type Placed, type Scene } from './scene.ts'

/** How much of a build is exported: `mode`. */
export function modeTrouble(scene: Scene): Finding[] {
  return scene.placed.flatMap((placed) => [...invalid(placed, scene), ...tooLittle(placed, scene)])
}

function invalid(placed: Placed, scene: Scene): Finding[] {
  return placed.written.cacheTo.flatMap((option) => {
    const wrong = wrongMode(option)
    if (wrong === null) return []
    const { from, to } = wrong
    const lines = scene.linesOf(placed.written.source)
    return [
      finding(placed, {
        ...{ kind: 'mode-invalid', line: option.line, message: `\`${from}\` is not a mode: it should be \`${to}\`` },
        why: 'BuildKit passes over what it does not know here without a word, and exports as if mode=min was said.',
        edit: rewriteOption(placed.written, lines, option, option.text.replace(from, to)),
      }),
    ]
  })
}

function wrongMode({ text, mode, conditional }: CacheOption): { from: string; to: string } | null {
  if (conditional) return null
  if (mode !== null) {
    if (mode === 'min' || mode === 'max' || isSymbolic(mode)) return null
    return { from: `mode=${mode}`, to: `mode=${/^mi/i.test(mode) ? 'min' : 'max'}` }
  }
  const [misspelt, value] =
    [...cacheFields(text)].find(([name]) => /^(?:mod|modes|mdoe|moed|mde|moode|cache-?mode)$/.test(name)) ?? []
  if (misspelt === undefined || value === undefined) return null
  return { from: `${misspelt}=${value}`, to: `mode=${/^mi/i.test(value) ? 'min' : 'max'}` }
}

/** Without mode=max only the layers of the final image are kept. */
function tooLittle(placed: Placed, scene: Scene): Finding[] {
  const { build, written } = placed
  const whole = build.cacheTo.some(
    (option) =>
      option.type !== 'inline' && (option.mode === 'max' || isSymbolic(option.mode) || option.type === 'other'),
  )
  const least = build.cacheTo.find((option) => option.type !== 'other' && wrongMode(option) === null)
  const file = whole || !least ? null : scene.dockerfileOf(build)
  if (!least || file === null) return []
  const hidden = hiddenStages(file, build.target)
  if (hidden.length === 0) return []
  const option = written.cacheTo.find(({ line, type }) => line === least.line && type === least.type) ?? least
  return [
    finding(placed, {
      ...{
        kind: 'mode-min-multi-stage',
        line: option.line,
        message: tell(
          option,
          hidden.map((stage) => stageName(file, stage)),
        ),
      },
      why: 'mode=min and inline export the layers of the final image alone; the stages it copies from are built anew on each machine.',
      edit:
        option.type === 'inline' || option.conditional
          ? null
          : rewriteOption(written, scene.linesOf(written.source), option, withField(option.text, 'mode', 'max')),
    }),
  ]
}

function tell(option: CacheOption, stages: string[]): string {
  const how = option.type === 'inline' ? 'an inline cache' : 'an export without mode=max'
  return `${how} leaves out ${stages.length === 1 ? 'stage' : 'stages'} ${stages.join(', ')}`
}

function stageName(file: Dockerfile, stage: number): string {
  return file.stages[stage]?.name ?? String(stage)
}
