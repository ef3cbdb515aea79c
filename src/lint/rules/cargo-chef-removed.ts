import type { Dockerfile, Instruction } from '../../dockerfile/dockerfile.ts'
import { programOf, shellCommands } from '../../dockerfile/shell-commands.ts'
import { chainOf } from '../chain.ts'
import { type Draft, linesOf, type Rule } from '../rule.ts'

/** Prohibited: taking the stages of cargo-chef out of a Rust Dockerfile, or out of use. Seen against the base branch. */
export const cargoChefRemoved: Rule = {
  id: 'cargo-chef-removed',
  level: 'prohibited',
  summary: 'the stages of cargo-chef that the base branch has are gone, or no longer used',
  runbook: { file: 'docker-layer-caching.md', anchor: 'prohibited-actions' },
  check({ dockerfile, previous }) {
    const before = previous && readChef(previous)
    if (!before?.works) return []
    const now = readChef(dockerfile)
    const place = now.builds.at(-1) ?? now.cooks.at(-1)
    // no cargo at all: it is no Rust service any more
    if (now.works || !place) return []
    return [draft(place, lost(now))]
  },
}

type Chef = {
  prepares: Instruction[]
  cooks: Instruction[]
  /** `cargo build` and its like */
  builds: Instruction[]
  /** a cook is given a recipe that a planner made */
  planned: boolean
  /** a build finds what a cook compiled */
  works: boolean
}

function readChef(dockerfile: Dockerfile): Chef {
  const chains = dockerfile.stages.map((stage) => chainOf(dockerfile, stage))
  const own = dockerfile.stages.flatMap(({ instructions }) => instructions).filter(({ onbuild }) => !onbuild)
  const prepares = own.filter((one) => runs(one, isChef('prepare')))
  const cooks = own.filter((one) => runs(one, isChef('cook')))
  const builds = own.filter((one) => runs(one, isBuild))
  // the stages that have the outcome of an instruction: their own, what is built on it, what copies from those
  const having = (wanted: (one: Instruction) => boolean, until: Instruction) =>
    has(chains, until.stage, wanted, until, new Set())
  const planned = cooks.some((cook) => having((one) => prepares.includes(one), cook))
  const cooked = builds.some((build) => having((one) => cooks.includes(one), build))
  return { prepares, cooks, builds, planned, works: planned && cooked }
}

/** Whether something wanted happened before `until` in this stage, or in one that it is built on or copies from. */
function has(
  chains: Instruction[][],
  stage: number,
  wanted: (one: Instruction) => boolean,
  until: Instruction | null,
  seen: Set<number>,
): boolean {
  if (seen.has(stage)) return false
  seen.add(stage)
  const chain = chains[stage] ?? []
  const end = until ? chain.indexOf(until) : -1
  const before = end === -1 ? chain : chain.slice(0, end + 1)
  return before.some((one) => wanted(one) || sourcesOf(one).some((from) => has(chains, from, wanted, null, seen)))
}

function sourcesOf({ copy, mounts }: Instruction): number[] {
  return [copy?.from, ...mounts.map(({ from }) => from)].flatMap((from) => (from?.kind === 'stage' ? [from.stage] : []))
}

function runs(instruction: Instruction, is: (words: string[]) => boolean): boolean {
  return instruction.keyword === 'RUN' && shellCommands(instruction).some(is)
}

function isChef(verb: string) {
  return (words: string[]) => {
    const [first, second] = plain(words)
    return programOf(words) === 'cargo-chef'
      ? first === verb || second === verb
      : programOf(words) === 'cargo' && first === 'chef' && second === verb
  }
}

function isBuild(words: string[]): boolean {
  return (
    programOf(words) === 'cargo' &&
    /^(?:build|b|rustc|install|zigbuild|auditable|leptos|test|run)$/.test(plain(words)[0] ?? '') &&
    !isTool(words)
  )
}

/** `cargo install cargo-chef` makes a tool, `cargo install --path .` the project. */
function isTool(words: string[]): boolean {
  return plain(words)[0] === 'install' && !words.some((word) => word.startsWith('--path'))
}

function plain(words: string[]): string[] {
  return words.slice(1).filter((word) => !/^[-+]/.test(word))
}

function lost({ prepares, cooks, planned }: Chef): string {
  if (prepares.length === 0 && cooks.length === 0) return 'the cargo-chef stages of the base branch are gone'
  if (cooks.length === 0) return '`cargo chef cook`, which the base branch has, is gone'
  if (!planned) return '`cargo chef cook` no longer gets the recipe of a planner, as it does on the base branch'
  return 'what `cargo chef cook` compiled no longer reaches this build, as it does on the base branch'
}

function draft(place: Instruction, what: string): Draft {
  return {
    ...linesOf(place),
    message: `${what}: every change of a source compiles all dependencies again`,
    why: 'The recipe changes only with the manifests, so the cook layer with the compiled dependencies is reused; `cargo build` alone knows no such layer.',
    edit: null,
    reruns: [place],
  }
}
