import { readDockerAddress } from './address.ts'
import { readDiskUsage, type Usage, usageOf } from './disk-usage.ts'
import { openEngine } from './engine.ts'
import { type Pruned, pruneRecords } from './prune.ts'

/** The build cache of a Docker daemon. Every call throws a DockerFault when it fails. */
export type Builder = {
  usage(): Promise<Usage>
  /** Deletes exactly the records of these ids; see prune.ts. */
  prune(ids: string[], onDone: (id: string, bytes: number) => void | Promise<void>): Promise<Pruned>
  close(): void
} & AsyncDisposable

/** `url` as in the configuration; `certificates`: folder with ca.pem, cert.pem and key.pem, for TCP. */
export async function openBuilder({
  url,
  certificates,
}: {
  url: string
  certificates: string | null
}): Promise<Builder> {
  const engine = await openEngine(readDockerAddress(url, certificates))
  // only the cache: sizes of images and volumes take a daemon long to add up
  const readAll = async () =>
    readDiskUsage(
      await engine.ask({
        doing: 'Reading the disk usage of the build cache',
        method: 'GET',
        path: '/system/df',
        query: { type: 'build-cache' },
        patience: 3 * 60_000,
      }),
    )
  return {
    usage: async () => usageOf(await readAll()),
    prune: (ids, onDone) => pruneRecords(engine, ids, { onDone, readAll }),
    close: engine.close,
    [Symbol.asyncDispose]: async () => engine.close(),
  }
}
