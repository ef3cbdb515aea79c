import { type Command, Option } from 'commander'
import type { PruneWish } from './cli-prune-plan.ts'
import { collect, complain, print } from './cli-words.ts'

/**
 * `layerwise prune --dry-run …`: what pruning would delete. Exit status 0 shown, also when nothing fits; 2 it could not be
 * read or the call was wrong. Deleting is the bot's alone, where others agree to it and it is written down.
 */
export function addPruneCommand(program: Command, ended: (status: number) => void): void {
  program
    .command('prune')
    .description("what pruning a repository's Actions caches, an image's cache tags or a builder's cache would delete")
    .argument('[repository]', "owner/name, for caches of Actions (default: as git's remote origin says)")
    .option('--dry-run', 'show what would be deleted; there is no other way at a terminal')
    .option('--scope <scope>', 'only what BuildKit wrote under this `scope=`')
    .option('--ref <ref>', 'only of this ref: main, refs/heads/main, refs/pull/12/merge')
    .option('--closed-pulls', 'only of pull requests that are closed')
    .option('--unused-days <days>', 'only what was not used for so many days')
    .addOption(new Option('--kind <kind>', 'which keys').choices(['any', 'buildkit', 'blob', 'index', 'other']))
    .option('--image <image>', 'instead of caches: tags of this image, e.g. ghcr.io/acme/web')
    .option('--tag <pattern>', 'with --image: tags that are meant, * stands for any text; repeatable', collect, [])
    .option('--builder <url>', 'instead of caches: the build cache of this Docker daemon, unix://, tcp:// or ssh://')
    .option('--certificates <dir>', 'with --builder tcp://: folder of ca.pem, cert.pem and key.pem')
    .option('--all', 'with --builder: also cache mounts, local sources and frontends')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  layerwise prune --dry-run acme/web --closed-pulls\n  layerwise prune --dry-run acme/web --kind buildkit --unused-days 7\n  layerwise prune --dry-run --image ghcr.io/acme/web --tag "cache-*"\n  layerwise prune --dry-run --builder unix:///var/run/docker.sock --unused-days 14',
    )
    .action(async (repository: string | undefined, options: PruneOptions) => {
      ended(await prune(repository, options))
    })
}

type PruneOptions = {
  dryRun?: boolean
  scope?: string
  ref?: string
  closedPulls?: boolean
  unusedDays?: string
  kind?: 'any' | 'buildkit' | 'blob' | 'index' | 'other'
  image?: string
  tag: string[]
  builder?: string
  certificates?: string
  all?: boolean
  json?: boolean
}

async function prune(repository: string | undefined, options: PruneOptions): Promise<number> {
  if (!options.dryRun)
    return refuse(
      'at a terminal there is only `layerwise prune --dry-run …`. Deleting is done through the bot in Slack (`/cache prune`), where somebody else agrees to the list first and it is written to the audit',
    )
  const wish = await wishOf(repository, options)
  if ('mistake' in wish) return refuse(wish.mistake)
  const { makePrunePlan } = await import('./cli-prune-plan.ts')
  const { environment } = await import('./config.ts')
  const now = new Date()
  const made = await makePrunePlan(wish, environment(), now)
  if ('problem' in made) return refuse(made.problem)
  const { plan } = made
  if (options.json) {
    const { planBytes, planHash } = await import('./remedy/plan.ts')
    await print(`${JSON.stringify({ version: 1, hash: planHash(plan), bytes: planBytes(plan), plan })}\n`)
  } else {
    const { printPlan } = await import('./thread/print-plan.ts')
    await print(`${printPlan(plan, now.toISOString())}\nThis was a dry run: nothing was deleted.\n`)
  }
  return 0
}

/** Which options belong to which of the three; what is of another is a mistake and not passed over. */
const optionsOf = {
  caches: ['scope', 'ref', 'closedPulls', 'unusedDays', 'kind'],
  image: ['image', 'tag'],
  builder: ['builder', 'certificates', 'all', 'unusedDays'],
} as const satisfies Record<string, (keyof PruneOptions)[]>

async function wishOf(repository: string | undefined, options: PruneOptions): Promise<PruneWish | { mistake: string }> {
  if (options.image !== undefined && options.builder !== undefined)
    return { mistake: '--image and --builder: one of them' }
  const what = options.image !== undefined ? 'image' : options.builder !== undefined ? 'builder' : 'caches'
  const foreign = strayOption(options, what)
  if (foreign !== null)
    return { mistake: `--${foreign} does not go with ${what === 'caches' ? 'caches of Actions' : `--${what}`}` }
  if (what !== 'caches' && repository !== undefined)
    return { mistake: `--${what} is no matter of a repository; leave ${repository} out` }
  const unusedDays = daysOf(options.unusedDays)
  if (unusedDays === 'mistake') return { mistake: '--unused-days takes a number of days above 0, e.g. --unused-days 7' }
  if (options.image !== undefined) return imageWish(options.image, options.tag)
  if (options.builder !== undefined) {
    const selection = { unusedDays, all: options.all ?? false }
    return { kind: 'builder', url: options.builder, certificates: options.certificates ?? null, selection }
  }
  return cachesWish(repository, { ...options, unusedDays })
}

function strayOption(options: PruneOptions, what: keyof typeof optionsOf): string | null {
  const own: readonly string[] = optionsOf[what]
  const given = Object.values(optionsOf)
    .flat()
    .find((name) => !own.includes(name) && options[name] !== undefined && String(options[name]) !== '')
  return given?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) ?? null
}

function daysOf(text: string | undefined): number | null | 'mistake' {
  if (text === undefined) return null
  return /^\d{1,5}(?:\.\d{1,3})?$/.test(text) && Number(text) > 0 ? Number(text) : 'mistake'
}

function imageWish(image: string, tags: string[]): PruneWish | { mistake: string } {
  if (!/^[^/\s:@]+(?:\/[^/\s:@]+){2,}$/.test(image))
    return { mistake: '--image takes an image with its registry and without a tag, e.g. ghcr.io/acme/web' }
  if (tags.length === 0) return { mistake: '--image needs --tag: which tags are meant, e.g. --tag "cache-*"' }
  return { kind: 'image', image, tags }
}

async function cachesWish(
  given: string | undefined,
  { scope, ref, closedPulls, unusedDays, kind }: Omit<PruneOptions, 'unusedDays'> & { unusedDays: number | null },
): Promise<PruneWish | { mistake: string }> {
  const { originOf } = await import('./cli-git.ts')
  const repository = given ?? (await originOf('.'))
  if (repository === null)
    return { mistake: 'of which repository? Name it as owner/name: git names no remote origin here' }
  if (!/^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(repository))
    return { mistake: `${repository.slice(0, 200)} is no repository; write owner/name` }
  const full = ref === undefined || ref.startsWith('refs/') ? (ref ?? null) : `refs/heads/${ref}`
  const selection = {
    scope: scope ?? null,
    ref: full,
    closedPulls: closedPulls ?? false,
    unusedDays,
    kind: kind ?? 'any',
  }
  return { kind: 'caches', repository, selection }
}

function refuse(because: string): number {
  complain(`layerwise: ${because}`)
  return 2
}
