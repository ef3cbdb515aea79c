import type { Builder } from '../../docker/builder.ts'
import type { deletePackageVersion, listPackageVersions, packageHome } from '../../github/packages.ts'
import type { Policy, SlackPerson } from '../../remedy/policy.ts'
import type { Poster } from '../../slack/poster.ts'
import type { Respond } from '../../slack/response.ts'
import type { Share } from '../../slack/uploads.ts'
import type { Store } from '../../store/store.ts'
import type { Reading } from '../read-run.ts'
import type { RemedyHands } from './hands.ts'

/** What remedies need of the world. */
export type RemedyWorld = Reading & {
  store: Store
  policy: Policy
  github: RemedyHands
  /** null: no token for GitHub Packages is set */
  packages: PackageHands | null
  /** The builder of this name in the configuration; throws when there is none. */
  builder(name: string): BuilderHands
  /** Throws when Slack does not say who it is: then nobody may do anything. */
  people(userId: string, teamId: string | null): Promise<SlackPerson>
  poster: Pick<Poster, 'deliver'>
  respond: Respond
  /** a text file into a thread */
  share: Share
  /** pauses in ms between looks for what a lost answer may have started */
  looks: number[]
  /** how often a run that a remedy started is looked at: ms since it began → ms to wait */
  followEvery(sinceMs: number): number
  /** 128 random bits, as text */
  newId(): string
  runbooksUrl: string | null
  /** where pages are: `https://github.com` */
  githubUrl: string
}

/** Container packages at GitHub, by image: `ghcr.io/acme/web`. */
export type PackageHands = {
  home: ReturnType<typeof packageHome>
  list: ReturnType<typeof listPackageVersions>
  remove: ReturnType<typeof deletePackageVersion>
}

/** The build cache of one Docker daemon. */
export type BuilderHands = Pick<Builder, 'usage' | 'prune'>
