// Adds to package-lock.json the optional platform packages that npm left out because the registry at hand does not
// carry them. `npm ci` refuses a lock without them, even on a platform that has no use for them.
// Run it after `npm install` when test/lock.test.ts asks for it.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))

for (const [path, owner] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue
    lock.packages[`node_modules/${name}`] = platformPackage(name, version, owner)
    console.log(`added ${name}@${version}`)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)

function isLocked(path, name) {
  return [`node_modules/${name}`, `${path}/node_modules/${name}`].some((key) => key in lock.packages)
}

/** What npm would have written, less the integrity hash, which only a registry that has the package can tell. */
function platformPackage(name, version, owner) {
  const words = name.replace(/^@[^/]+\//, '').split('-')
  const at = words.findIndex((word) => /^(aix|android|darwin|freebsd|linux|openharmony|win32)$/.test(word))
  if (at === -1) throw new Error(`${name}@${version} is missing from package-lock.json and its name tells no platform`)
  const [os, cpu, abi] = words.slice(at)
  const libc = os !== 'linux' ? undefined : [abi === 'musl' ? 'musl' : 'glibc']
  return { version, cpu: [cpu], dev: owner.dev, libc, license: owner.license, optional: true, os: [os] }
}
