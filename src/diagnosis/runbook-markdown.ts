import remarkFrontmatter from 'remark-frontmatter'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'

/** A Markdown page seen as sections, with what a runbook needs from it: tables, lists, code blocks, and their lines. */
export type Page = { frontMatter: Code | null; sections: Section[] }
/** Everything under one heading up to the next heading of the same or a higher level; `children` leaves out none of it. */
export type Section = { title: string; anchor: string; depth: number; line: number; children: Node[] }
export type Code = { lang: string | null; meta: string | null; text: string; line: number }
export type TableRow = { line: number; cells: { text: string; anchor: string | null }[] }
export type Item = {
  line: number
  text: string
  isTask: boolean
  links: { text: string; url: string }[]
  /** HTML comments in it, which no reader of the page sees */
  comments: { line: number; text: string }[]
}

const parser = unified().use(remarkParse).use(remarkGfm).use(remarkFrontmatter)
type Root = ReturnType<typeof parser.parse>
type Node = Root['children'][number]
type AnyNode = { type: string; value?: string; url?: string; alt?: string | null; children?: AnyNode[] }

export function readPage(text: string): Page {
  const root = parser.parse(text)
  const first = root.children[0]
  return {
    frontMatter:
      first?.type === 'yaml' ? { lang: 'yaml', meta: null, text: first.value, line: lineOf(first) + 1 } : null,
    sections: readSections(root.children),
  }
}

function readSections(nodes: Node[]): Section[] {
  const anchors = new Map<string, number>()
  return nodes.flatMap((node, at) => {
    if (node.type !== 'heading') return []
    const end = nodes.findIndex((other, i) => i > at && other.type === 'heading' && other.depth <= node.depth)
    const title = plainText(node)
    const children = nodes.slice(at + 1, end < 0 ? undefined : end)
    return [{ title, anchor: anchorOf(title, anchors), depth: node.depth, line: lineOf(node), children }]
  })
}

/** GitHub's way: lower case, punctuation gone, blanks to hyphens, and a number for the second of the same name. */
function anchorOf(title: string, taken: Map<string, number>): string {
  const slug = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-')
  const times = taken.get(slug) ?? 0
  taken.set(slug, times + 1)
  return times === 0 ? slug : `${slug}-${times}`
}

/** The part of a section above its first sub-heading. */
export function ownPart(section: Section): Section {
  const sub = section.children.findIndex((node) => node.type === 'heading')
  return sub < 0 ? section : { ...section, children: section.children.slice(0, sub) }
}

export function codeBlocks(section: Section): Code[] {
  return section.children.flatMap((node) =>
    node.type === 'code'
      ? [{ lang: node.lang ?? null, meta: node.meta ?? null, text: node.value, line: lineOf(node) + 1 }]
      : [],
  )
}

/** The rows of the first table, its head first. */
export function tableRows(section: Section): TableRow[] {
  const table = section.children.find((node) => node.type === 'table')
  if (!table) return []
  return table.children.map((row) => ({
    line: lineOf(row),
    cells: row.children.map((cell) => ({ text: plainText(cell), anchor: anchorLink(cell) })),
  }))
}

export function listItems(section: Section, source: string): Item[] {
  return section.children.flatMap((node) => (node.type === 'list' ? itemsOf(node, source) : []))
}

/** The ordered list that follows a line (paragraph or heading) saying only `title`. */
export function listAfter(section: Section, title: string, source: string): Item[] {
  const at = section.children.findIndex((node) => isLine(node) && plainText(node).replace(/:$/, '').trim() === title)
  const list = at < 0 ? undefined : section.children[at + 1]
  return list?.type === 'list' && list.ordered ? itemsOf(list, source) : []
}

function itemsOf(list: Extract<Node, { type: 'list' }>, source: string): Item[] {
  return list.children.map((item) => {
    const [first] = item.children
    return {
      line: lineOf(item),
      text: first ? markdownOf(first, source).replace(/^\[[ xX]\] /, '') : '',
      isTask: typeof item.checked === 'boolean',
      links: findLinks(item).map((link) => ({ text: plainText(link), url: link.url ?? '' })),
      comments: [...item.children, ...(first?.type === 'paragraph' ? first.children : [])]
        .filter(isComment)
        .map((node) => ({ line: lineOf(node), text: plainText(node) })),
    }
  })
}

function isComment(node: AnyNode): boolean {
  return node.type === 'html' && node.value?.startsWith('<!--') === true
}

/**
 * The Markdown as the author wrote it, on one line: the backticks matter to whoever shows it. Links become their text,
 * comments nothing.
 */
function markdownOf(node: Node, source: string): string {
  return withoutComments(node, source)
    .replace(/\[([^[\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
}

function withoutComments(node: Node, source: string): string {
  const comments = node.type === 'paragraph' ? node.children.filter(isComment) : []
  const ends = comments.map(({ position }) => position?.end.offset)
  const starts = comments.map(({ position }) => position?.start.offset)
  const { position } = node
  return [position?.start.offset, ...ends]
    .map((from, index) => source.slice(from, starts[index] ?? position?.end.offset))
    .join('')
}

function isLine(node: Node): boolean {
  return node.type === 'paragraph' || node.type === 'heading'
}

function plainText(node: AnyNode): string {
  if (node.children) return node.children.map(plainText).join('')
  return node.value ?? node.alt ?? ''
}

function anchorLink(node: AnyNode): string | null {
  const link = findLinks(node).find(({ url }) => url?.startsWith('#'))
  return link?.url?.slice(1) ?? null
}

function findLinks(node: AnyNode): AnyNode[] {
  return node.type === 'link' ? [node] : (node.children ?? []).flatMap(findLinks)
}

function lineOf(node: { position?: { start: { line: number } } | undefined }): number {
  return node.position?.start.line ?? 1
}
