import { createHash } from 'node:crypto'

/** Container packages, by owner and name. */
export type LocalVersion = { id: number; digest: string; tags: string[]; createdAt: Date; updatedAt: Date }

export type ScriptedVersion = Partial<LocalVersion> & {
  owner?: string
  /** `web`, `web/cache` */
  name: string
  tags: string[]
}

export type LocalPackages = {
  /** what the classic token for packages may do; null: it is no classic token, and GitHub lets it do nothing here */
  scopes: string[] | null
  /** Adds a version and gives its id. */
  add(version: ScriptedVersion, now: Date): number
  /** Makes a person an owner of packages; `acme` is an organisation, and so is whoever else owns any. */
  addPersonal(owner: string): void
  kindOf(owner: string): 'User' | 'Organization' | null
  /** `owner/name` of the repository that the package is linked to; null: none */
  linkedTo(owner: string, name: string): string | null
  link(owner: string, name: string, repository: string | null): void
  /** newest first; null when there is no such package */
  versionsOf(owner: string, name: string): LocalVersion[] | null
  remove(owner: string, name: string, id: number): boolean
}

export function localPackages(): LocalPackages {
  const packages = new Map<string, LocalVersion[]>()
  const homes = new Map<string, string>()
  const owners = new Map<string, 'User' | 'Organization'>([['acme', 'Organization']])
  const keyOf = (owner: string, name: string) => `${owner.toLowerCase()}/${name}`
  let lastId = 286_000_000
  return {
    scopes: ['read:packages', 'delete:packages'],
    add({ owner = 'acme', name, tags, ...more }, now) {
      const id = ++lastId
      const digest = `sha256:${createHash('sha256').update(`${owner}/${name} ${id}`).digest('hex')}`
      const key = keyOf(owner, name)
      const version = { id, digest, tags, createdAt: now, updatedAt: now, ...more }
      packages.set(key, [version, ...(packages.get(key) ?? [])])
      if (!owners.has(owner.toLowerCase())) owners.set(owner.toLowerCase(), 'Organization')
      return version.id
    },
    addPersonal: (owner) => void owners.set(owner.toLowerCase(), 'User'),
    kindOf: (owner) => owners.get(owner.toLowerCase()) ?? null,
    linkedTo: (owner, name) => homes.get(keyOf(owner, name)) ?? null,
    link(owner, name, repository) {
      if (repository === null) homes.delete(keyOf(owner, name))
      else homes.set(keyOf(owner, name), repository)
    },
    versionsOf: (owner, name) => packages.get(keyOf(owner, name)) ?? null,
    remove(owner, name, id) {
      const key = keyOf(owner, name)
      const before = packages.get(key) ?? []
      packages.set(
        key,
        before.filter((version) => version.id !== id),
      )
      return before.some((version) => version.id === id)
    },
  }
}
