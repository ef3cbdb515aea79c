import type { YamlNode } from './yaml-source.ts'

/** By name; null has no value until it runs. */
export type Variables = Map<string, string | null>

/** Fills in `${NAME}` in every text of a tree. What is more than a name is kept as written. */
export function fillTree(node: YamlNode | null, variables: Variables): YamlNode | null {
  if (node === null) return null
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => fillTree(item, variables)) }
  if (node.kind === 'map')
    return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: fillTree(entry.value, variables) })) }
  const text = fill(node.text, variables)
  return { ...node, text, value: node.value === null ? null : text }
}

export function fill(text: string, variables: Variables, seen: string[] = []): string {
  return text.replace(/\$\{\s*([\w.-]+)\s*\}/g, (written, name: string) => {
    const value = seen.includes(name) ? null : variables.get(name)
    // One variable may quote another, and a long chain of doublings would not end in our time.
    return value === null || value === undefined
      ? written
      : seen.length > 4
        ? value
        : fill(value, variables, [...seen, name]).slice(0, 5000)
  })
}
