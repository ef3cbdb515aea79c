import type { Command } from 'commander'
import { complain, print } from './cli-words.ts'
import type { RegistryOptions } from './registry/client.ts'
import type { LayersAnswer } from './registry/registry.ts'

/** `layerwise layers …`: exit status 0 shown, 2 it could not be read or the call was wrong, 1 our own fault. */
export function addLayersCommand(program: Command, ended: (status: number) => void): void {
  program
    .command('layers')
    .description('what `docker history` shows of an image, read from its registry; of two images, where they part')
    .argument('<image>', 'e.g. ghcr.io/acme/web:1.2')
    .argument('[other]', 'an image to compare with, or only :tag or @digest of the same repository')
    .option('--platform <platform>', 'e.g. linux/arm64 (default: linux/amd64, or the first there is)')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nLogins are those of Docker: DOCKER_AUTH_CONFIG, then config.json and its credential helpers.\n\nExamples:\n  layerwise layers node:22-slim\n  layerwise layers ghcr.io/acme/web:1.2 :1.3\n  layerwise layers --json --platform linux/arm64 ghcr.io/acme/web@sha256:…',
    )
    .action(async (image: string, other: string | undefined, options: LayersOptions) => {
      ended(await showLayers(image, other, options))
    })
}

type LayersOptions = { platform?: string; json?: boolean }

/** Loaded when asked for: the other commands speak to no registry, and start faster without. */
async function showLayers(first: string, second: string | undefined, options: LayersOptions): Promise<number> {
  const { parseImage } = await import('./registry/reference.ts')
  const { readLayers } = await import('./registry/registry.ts')
  const image = parseImage(first)
  if (image.kind === 'mistake') return refuse(image.mistake)
  const other = second === undefined ? null : parseImage(second, image.image)
  if (other?.kind === 'mistake') return refuse(other.mistake)
  const registries = await registriesOfTerminal()
  if ('problem' in registries) return refuse(registries.problem)
  const question = { image: image.image, other: other?.image ?? null, platform: options.platform ?? null }
  const answer = await readLayers(question, registries)
  if (answer.kind === 'refused') return refuse(answer.because)
  await print(options.json ? `${JSON.stringify(jsonOf(answer))}\n` : await textOf(answer))
  return 0
}

async function registriesOfTerminal(): Promise<RegistryOptions | { problem: string }> {
  const { ConfigProblems, environment, readRegistryConfig } = await import('./config.ts')
  const { loginsOfDocker } = await import('./registry/credentials.ts')
  const { reachOfTerminal } = await import('./registry/reach.ts')
  try {
    const { entries, logins, dockerConfig } = readRegistryConfig(environment())
    return {
      reach: reachOfTerminal(entries),
      findLogin: loginsOfDocker(logins, dockerConfig),
      howToLogIn: (registry) => `\`docker login${registry === 'docker.io' ? '' : ` ${registry}`}\` and ask again`,
    }
  } catch (error) {
    if (error instanceof ConfigProblems) return { problem: error.message }
    throw error
  }
}

type Answered = Exclude<LayersAnswer, { kind: 'refused' }>

/** `kind` says which of the two it is; `version` counts up when a field changes its meaning. */
function jsonOf(answer: Answered): object {
  if (answer.kind === 'layers') return { version: 1, kind: answer.kind, ...answer.image }
  return { version: 1, kind: answer.kind, ...answer.compared }
}

async function textOf(answer: Answered): Promise<string> {
  const { printCompared, printLayers } = await import('./thread/terminal-layers.ts')
  // into a file or a pipe nothing needs to fit
  const width = process.stdout.isTTY ? Math.max(60, process.stdout.columns || 0) : 160
  return answer.kind === 'layers' ? printLayers(answer.image, width) : printCompared(answer.compared, width)
}

function refuse(because: string): number {
  complain(`layerwise: ${because}`)
  return 2
}
