import type { Build } from '../build/build.ts'
import { commandWords, isBuild, optionValues } from '../build/command-words.ts'
import type { BuildArgs } from './evidence.ts'

/** The build arguments of both builds, as their echoed command lines or their records tell; null when either is silent. */
export function toldBuildArgs(build: Build, previous: Build | null): BuildArgs | null {
  const now = argsOf(build)
  const before = previous && argsOf(previous)
  return now && before ? { now, before } : null
}

function argsOf({ command, record }: Build): Map<string, string> | null {
  if (command !== null && isBuild(command))
    return new Map(optionValues(commandWords(command), '--build-arg').map(nameAndValue))
  return record && new Map(record.buildArgs.map(({ name, value }) => [name, value]))
}

function nameAndValue(argument: string): [string, string] {
  const equals = argument.indexOf('=')
  return equals < 0 ? [argument, ''] : [argument.slice(0, equals), argument.slice(equals + 1)]
}
