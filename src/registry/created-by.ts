/** A step of a history as its Dockerfile says it, and the build arguments that its command saw. */
export type StepWords = { instruction: string; buildArgs: string | null }

/**
 * Undoes what builders write around an instruction. The classic builder and buildah: `/bin/sh -c #(nop)  CMD ["sh"]` and
 * `/bin/sh -c apt-get update` (moby v28 `builder/dockerfile/internals.go`). BuildKit: `RUN /bin/sh -c apt-get update #
 * buildkit` (v0.25 `frontend/dockerfile/dockerfile2llb/convert.go`, `commitToHistory`). Both put the arguments of a build
 * before the shell: `|1 VERSION=2 /bin/sh -c …`. `clean` masks secrets in the whole, before it is taken apart.
 */
export function stepWords(createdBy: string, clean: (text: string) => string): StepWords {
  const line = clean(createdBy.slice(0, longest))
    .replace(/(?:\\\r?\n|\s)+/g, ' ')
    .trim()
  const unfinished = line.indexOf('#(nop)')
  if (unfinished !== -1 && unfinished < 400) return plain(line.slice(unfinished + '#(nop)'.length))
  const bare = line.replace(/ # buildkit$/, '')
  const run = /^RUN (?!<<)/.test(bare)
  return commandIn(run ? bare.slice(4) : bare) ?? plain(bare)
}

const longest = 10_000

/** A command given to a shell, with or without arguments of the build before it. */
function commandIn(text: string): StepWords | null {
  const [, args, command] = /^\|\d+ (.*)$/.exec(text) ? (withArgs.exec(text) ?? []) : ['', '', withoutShell(text)]
  if (command === undefined || command === null) return null
  return { instruction: tidy(`RUN ${command}`), buildArgs: args?.trim() || null }
}

const shell = String.raw`(?:\/\S{0,60}\/)?(?:sh|bash|ash|dash|zsh|cmd|powershell|pwsh)(?:\.exe)?(?: (?:-\w+|\/[SQV]\S*|pipefail))*? (?:-\w*c|\/C|-Command)`
const withArgs = new RegExp(String.raw`^\|\d+ (.*?)(?<= )${shell} (.*)$`, 'i')
const begins = new RegExp(`^${shell} (.*)$`, 'i')

function withoutShell(text: string): string | null {
  return begins.exec(text)?.[1] ?? null
}

function plain(text: string): StepWords {
  return { instruction: tidy(text), buildArgs: null }
}

/** What says nothing to a reader: options of the shell, and all but the first digits of a checksum. */
function tidy(text: string): string {
  return text
    .trim()
    .replace(/^RUN set -[a-z]+(?: -o pipefail)?(?:;| &&) /, 'RUN ')
    .replace(/\b(file|dir|multi|sha256):([0-9a-f]{12})[0-9a-f]{20,}/g, '$1:$2…')
}
