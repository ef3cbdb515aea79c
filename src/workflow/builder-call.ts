import type { Command, Word } from './shell.ts'
import type { ImageBuild } from './workflow.ts'

/** A command that builds images, taken apart into options and the rest. */
export type BuilderCall = {
  kind: ImageBuild['how']['kind']
  /** its words without options: `docker buildx build` */
  name: string
  offset: number
  options: { name: string; value: string | null; offset: number }[]
  positional: string[]
  opaque: boolean
}

export function readBuilderCall({ words }: Command): BuilderCall | null {
  const start = words.findIndex(({ text }) => !isPrefix(text))
  const tool = words[start]
  if (!tool) return null
  const { options, positional, opaque } = takeApart(words.slice(start + 1))
  const found = forms.find(({ words: form }) => [tool.text.replace(/^.*\//, ''), ...positional].join(' ').match(form))
  if (!found) return null
  const isUp = found.kind === 'compose' && positional.includes('up')
  if (isUp && !options.some(({ name }) => name === 'build')) return null
  if (options.some(({ name }) => name === 'help' || name === 'print')) return null
  const verbs = positional.slice(0, positional.findIndex((word) => /^(?:build|bud|bake|up|b)$/.test(word)) + 1)
  const rest = positional.slice(verbs.length)
  return {
    kind: found.kind,
    name: [tool.text, ...verbs].join(' '),
    offset: tool.offset,
    options,
    positional: rest,
    opaque,
  }
}

const forms: { words: RegExp; kind: BuilderCall['kind'] }[] = [
  { words: /^docker buildx (?:build|b)(?: |$)/, kind: 'buildx-build' },
  { words: /^docker buildx bake(?: |$)/, kind: 'bake' },
  { words: /^docker (?:image )?build(?: |$)/, kind: 'docker-build' },
  { words: /^docker builder build(?: |$)/, kind: 'docker-build' },
  { words: /^(?:docker compose|docker-compose) (?:build|up)(?: |$)/, kind: 'compose' },
  { words: /^depot bake(?: |$)/, kind: 'bake' },
  {
    words: /^(?:podman (?:image )?build|podman buildx build|buildah (?:build|bud)|nerdctl build|depot build)(?: |$)/,
    kind: 'other',
  },
]

/** Words that may stand before a command: its environment, the shell's own, and tools that run another one. */
function isPrefix(text: string): boolean {
  return /^(?:\w+=.*|if|then|else|elif|while|until|do|!|\{|\[|time|sudo|-E|env|exec|nohup|command|retry|eval)$/s.test(
    text,
  )
}

/** Options that stand alone; every other long option that has no `=` takes the next word. */
const alone = new Set(
  (
    'no-cache pull push load quiet q rm force-rm squash compress check debug D no-rm build d detach help print wait V ' +
    'parallel no-parallel progress-plain force-recreate no-deps with-dependencies abort-on-container-exit tls metadata ' +
    'layers verbose lint project quiet-pull quiet-build remove-orphans renew-anon-volumes no-start no-color'
  ).split(' '),
)

type Parts = Pick<BuilderCall, 'options' | 'positional' | 'opaque'>

function takeApart(words: Word[]): Parts {
  const parts: Parts = { options: [], positional: [], opaque: false }
  for (let index = 0; index < words.length; index++) {
    const word = words[index]
    if (!word) continue
    if (!/^-./.test(word.text)) {
      if (mayBeOptions(word)) parts.opaque = true
      parts.positional.push(word.text)
      continue
    }
    const option = readOption(word)
    const next = words[index + 1]
    if (option.value === null && !alone.has(option.name) && next) {
      option.value = next.text
      index++
      parts.options.push({ ...option, offset: next.offset })
    } else parts.options.push(option)
  }
  return parts
}

/** `$ARGS` and `${{ env.FLAGS }}`, but not `$DIR/sub`. */
function mayBeOptions({ text, open }: Word): boolean {
  return (open && /^(?:\$|`)/.test(text) && !/^\$\{?\w+(?:\}|\b)[.:\w-]*\//.test(text)) || /^\$\{\{/.test(text)
}

function readOption({ text, offset }: Word): Parts['options'][number] {
  const [, long, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(text) ?? []
  if (long !== undefined) return { name: long, value: value ?? null, offset }
  // -t name, -tname
  const attached = text.slice(2).replace(/^=/, '')
  return { name: text.slice(1, 2), value: attached === '' ? null : attached, offset }
}
