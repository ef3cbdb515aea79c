import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { askHelper } from './credential-helper.ts'
import { type DockerConfig, helperFor, type Login, loginIn, readDockerConfig } from './docker-config.ts'

/** The login for a registry; none is no mistake, most images are public. `trouble` says why there may be none. */
export type FoundLogin = { login: Login | null; trouble: string | null }
export type FindLogin = (registry: string) => Promise<FoundLogin>

/** Only what was handed to us on purpose. For the bot: no file of the machine, and no program is started. */
export function loginsFrom(given: DockerConfig | null): FindLogin {
  return async (registry) => ({ login: given && loginIn(given, registry), trouble: null })
}

/**
 * As Docker at a terminal finds them: what the environment holds, then the helper that `config.json` names for this
 * registry, then what that file itself holds. No helper runs unless it is named there.
 */
export function loginsOfDocker(given: DockerConfig | null, folder: string, helperMs?: number): FindLogin {
  return async (registry) => {
    const handed = given && loginIn(given, registry)
    if (handed) return { login: handed, trouble: null }
    const file = join(folder, 'config.json')
    const text = await readFile(file, 'utf8').catch(() => null)
    if (text === null) return { login: null, trouble: null }
    const config = readDockerConfig(text)
    if (config === null) return { login: null, trouble: `${file} is not a configuration of Docker` }
    return await loginBy(config, registry, helperMs)
  }
}

async function loginBy(config: DockerConfig, registry: string, helperMs?: number): Promise<FoundLogin> {
  const written = loginIn(config, registry)
  const program = helperFor(config, registry)
  if (program === null) return { login: written, trouble: null }
  const helped = await askHelper(program.helper, program.server, helperMs)
  switch (helped.kind) {
    case 'login':
      return { login: helped.login, trouble: null }
    case 'none':
      return { login: written, trouble: null }
    case 'failed':
      return { login: written, trouble: helped.because }
    default:
      return helped satisfies never
  }
}
