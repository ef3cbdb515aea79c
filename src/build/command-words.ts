/** The words of a command line as a log echoes it, quotes taken off. */
export function commandWords(command: string): string[] {
  return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/["']/g, ''))
}

/** Values of an option that may be given several times, as `--name value` or `--name=value`. */
export function optionValues(words: string[], ...names: string[]): string[] {
  return words.flatMap((word, at) => {
    if (names.includes(word)) return words[at + 1] ?? []
    const name = names.find((name) => word.startsWith(`${name}=`))
    return name ? word.slice(name.length + 1) : []
  })
}

/** `docker build`, `docker buildx build`, with all its options in the words; bake and compose keep theirs in files. */
export function isBuild(command: string): boolean {
  return /\bdocker(?:-buildx)?\s+(?:buildx\s+)?build\s/.test(command)
}

/** The folder that a build takes as its context; null when it is none of the repository's (a URL, standard input). */
export function contextOf(command: string): string | null {
  const last = commandWords(command).at(-1)
  if (!isBuild(command) || last === undefined || /^-|:\/\/|^git@|^\//.test(last)) return null
  return last
}
