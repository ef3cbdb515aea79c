import type { Instruction, Stage } from '../../dockerfile/dockerfile.ts'
import { isManifest } from '../../dockerfile/package-managers.ts'
import type { Change } from '../change.ts'
import type { ChangedFile } from '../changed-files.ts'
import { copiedChanges } from '../copied-files.ts'
import type { Found } from '../found.ts'

/**
 * Whether cargo-chef's `recipe.json` comes out as it was, though the stage that makes it runs again: it holds manifests,
 * the lock file and the list of targets, and no source (cargo-chef `src/skeleton/`).
 */
export function recipeStays(change: Change, planner: Stage, copying: Instruction, reason: Found): boolean {
  return takesRecipe(copying) && makesRecipe(planner) && sourcesOnly(change, planner, reason)
}

/** Tells of the dependencies that stay cached when the planner runs again for sources. */
export function stayingCooks(change: Change, planner: Stage, reason: Found): string | null {
  if (!makesRecipe(planner) || !sourcesOnly(change, planner, reason)) return null
  const cooks = change.dockerfile.stages.flatMap(({ instructions }) => {
    const recipe = instructions.find((one) => takesRecipe(one) && takesFrom(one, planner))
    return recipe ? instructions.filter(({ line, text }) => line > recipe.line && cook.test(text)) : []
  })
  if (cooks.length === 0) return null
  const lines = cooks.map(({ line }) => line).join(', ')
  return `recipe.json comes out the same, so \`cargo chef cook\` (line ${lines}) stays cached`
}

const cook = /\bcargo[ -]chef\s+cook\b/
const prepare = /\bcargo[ -]chef\s+prepare\b/

function takesRecipe({ copy }: Instruction): boolean {
  return copy?.sources.length === 1 && /(?:^|\/)recipe\.json$/.test(copy.sources[0] ?? '')
}

function takesFrom({ copy }: Instruction, { index }: Stage): boolean {
  return copy?.from?.kind === 'stage' && copy.from.stage === index
}

function makesRecipe({ instructions }: Stage): boolean {
  return instructions.some(({ keyword, text }) => keyword === 'RUN' && prepare.test(text))
}

function sourcesOnly({ changed, context, ignore }: Change, planner: Stage, { reason, follows }: Found): boolean {
  if (follows !== undefined || !changed.complete || !/^file-(?:metadata-)?changed$/.test(reason)) return false
  const scene = { evidence: { changed }, sources: { context, ignore } }
  return !planner.instructions.some((one) => copiedChanges(scene, one).some(isInRecipe))
}

function isInRecipe({ path, change }: ChangedFile): boolean {
  if (path.endsWith('/') || path.includes('*')) return true
  if (isManifest(path).some(({ name }) => name === 'cargo') || /(?:^|\/)\.cargo\/config(?:\.toml)?$/.test(path))
    return true
  const target =
    /(?:^|\/)(?:src\/bin|examples|tests|benches)\/.*\.rs$|(?:^|\/)src\/(?:main|lib)\.rs$|(?:^|\/)build\.rs$/
  return change !== 'modified' && change !== 'mode' && target.test(path)
}
