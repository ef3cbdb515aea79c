import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser'

/**
 * Which way imports run. Read downwards, the list is the way a failed job travels: a file imports from its own folder or
 * from folders above it.
 */
const folders: string[][] = [
  ['src/alert'],
  ['src/build'],
  ['src/dockerfile'],
  ['src/workflow'],
  ['src/cache'],
  ['src/lint'],
  ['src/diagnosis'],
  ['src/remedy'],
  ['src/verdict'],
  ['src/report'],
  ['src/thread'],
  ['src/store'],
  ['src/chart'],
  // Side by side: these do not know each other.
  ['src/github', 'src/slack', 'src/docker', 'src/registry'],
  ['src/tasks'],
  ['commands'],
  ['src/playground'],
]

/** The folders from alert to thread: plain data in, plain data out. */
export const pureFolders = folders.slice(0, 11).flat()

export const importRules: IForbiddenRuleType[] = [
  ...folders.flatMap((row, at) => row.map((folder) => oneWay(folder, row, folders.slice(at + 1)))),
  {
    name: 'from alert to thread nothing reaches outside',
    comment: 'no file, no socket, no process; runbooks.ts reads its folder at start',
    severity: 'error',
    from: { path: under(pureFolders), pathNot: '^src/diagnosis/runbooks\\.ts$' },
    to: {
      dependencyTypes: ['core'],
      path: '^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|cluster|worker_threads|process|os|sqlite|timers)(/|$)',
    },
  },
  {
    name: 'only main and the terminal know the configuration and the playground',
    severity: 'error',
    from: {
      path: '^(src|commands)/',
      pathNot: '^src/(main|bot|bot-remedies|cli|cli-[a-z-]+|config)\\.ts$|^src/(config|playground)/',
    },
    to: { path: '^src/(config\\.ts$|config/|playground/)' },
  },
  {
    name: 'the playground does not know the configuration',
    severity: 'error',
    from: { path: '^src/playground/' },
    to: { path: '^src/config' },
  },
  {
    name: 'nothing imports main, the bot or the terminal',
    severity: 'error',
    from: { path: '^(src|commands)/', pathNot: '^src/(layerwise\\.mjs|main\\.ts|bot\\.ts)$' },
    to: { path: '^src/(main|bot|cli|server)\\.ts$' },
  },
  {
    name: 'the bot imports no test',
    severity: 'error',
    from: { path: '^(src|commands)/' },
    to: { path: '^test/' },
  },
  { name: 'no cycles', severity: 'error', from: { path: '^(src|commands)/' }, to: { circular: true } },
  { name: 'every import is there', severity: 'error', from: {}, to: { couldNotResolve: true } },
]

export const cruiseOptions: ICruiseOptions = {
  parser: 'swc',
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
}

function oneWay(folder: string, row: string[], below: string[][]): IForbiddenRuleType {
  const forbidden = [...row.filter((other) => other !== folder), ...below.flat()]
  return {
    name: `${folder} imports nothing below or beside it`,
    severity: 'error',
    from: { path: `^${folder}/` },
    to: { path: under(forbidden) },
  }
}

function under(names: string[]): string {
  return `^(${names.join('|') || 'none'})/`
}
