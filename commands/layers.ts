import { parsePlatform } from '../src/registry/platform.ts'
import { type Image, parseImage } from '../src/registry/reference.ts'
import { notAPlatform } from '../src/registry/registry.ts'
import type { Command } from '../src/slack/command.ts'
import { code, cut, join, type Mrkdwn, md } from '../src/thread/escape.ts'

/** What `docker history` shows of an image, read from its registry; of two, how they differ. */
export const layers: Command = {
  name: 'layers',
  usage: '<image> [other image] [--platform os/arch]',
  summary: 'shows what each layer of an image weighs and what made it; of two, where they part',
  example: 'ghcr.io/acme/web:1.2 :1.3',
  whoMay: 'everyone',
  slack({ text, slash, user, channel, responseUrl }) {
    const typed = readTyped(text)
    if (typed.mistakes.length > 0) {
      const how = md`${code(`${slash} layers ghcr.io/acme/web:main`)}, with a second image or ${code(':tag')} to compare.`
      return { say: join([...typed.mistakes, how], '\n'), ask: null }
    }
    const { words: images, platform } = typed
    const names = images.map((name) => code(cut(name, 200)))
    return {
      say: md`Asking the registry for ${join(names, ' and ')}. The answer comes here in a moment.`,
      ask: { images, platform, replyTo: { kind: 'response', url: responseUrl, channel, user }, askedBy: user },
    }
  },
}

type Typed = { words: string[]; platform: string | null; mistakes: Mrkdwn[] }

function readTyped(text: string): Typed {
  // phones write a dash for two hyphens
  const [, platform = null] = /(?:^|\s)(?:--|[—–])platform[\s=]+(\S+)/.exec(text) ?? []
  const words = text
    .replace(/(?:^|\s)(?:--|[—–])platform[\s=]+\S+/, '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(undressed)
  const [first, second, ...more] = words
  if (first === undefined) return { words, platform, mistakes: [md`Which image?`] }
  const one = parseImage(first)
  const other = second === undefined ? null : parseImage(second, one.kind === 'image' ? one.image : anyImage)
  const found = [one, other].flatMap((parsed) => (parsed?.kind === 'mistake' ? [md`${cut(parsed.mistake, 500)}.`] : []))
  if (more.length > 0) found.push(md`I compare two images, not ${words.length}.`)
  if (platform !== null && parsePlatform(platform) === null) found.push(md`${cut(notAPlatform(platform), 200)}.`)
  return { words, platform, mistakes: found }
}

/** With a mistake in the first, the second is still read for its own. */
const anyImage: Image = { registry: 'docker.io', repository: 'library/any', tag: null, digest: null }

/** Slack makes links of what looks like a host. */
function undressed(word: string): string {
  return word.replace(/^<(?:https?:\/\/[^|>]*\|)?([^>]*)>$/, '$1').replace(/^`(.*)`$/, '$1')
}
