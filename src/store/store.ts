import { type Alerts, alertsIn } from './alerts.ts'
import { type Audit, auditIn } from './audit.ts'
import { type Builds, buildsIn } from './builds.ts'
import { type Buttons, buttonsIn } from './buttons.ts'
import { type Checklists, checklistsIn } from './checklists.ts'
import { type Cursors, cursorsIn } from './cursors.ts'
import { type Database, openDatabase, openForReading } from './database.ts'
import { type Executions, executionsIn } from './executions.ts'
import { type Failures, failuresIn } from './failures.ts'
import { type Feedback, feedbackIn } from './feedback.ts'
import { type LineSignatures, lineSignaturesIn } from './line-signatures.ts'
import { type Links, linksIn } from './links.ts'
import { type Locks, locksIn } from './locks.ts'
import { type Messages, messagesIn } from './messages.ts'
import { type Requests, requestsIn } from './requests.ts'
import { type Seen, seenIn } from './seen.ts'
import { type Stories, storiesIn } from './stories.ts'
import { type Switches, switchesIn } from './switches.ts'

/** All that survives a restart, but for the tasks (see tasks/engine.ts, which keeps them beside it). */
export type Store = {
  seen: Seen
  alerts: Alerts
  stories: Stories
  messages: Messages
  failures: Failures
  lineSignatures: LineSignatures
  builds: Builds
  cursors: Cursors
  requests: Requests
  executions: Executions
  locks: Locks
  buttons: Buttons
  links: Links
  switches: Switches
  audit: Audit
  checklists: Checklists
  feedback: Feedback
  /** where the data is; a PostgreSQL URL may hold a password, so never print it */
  place: Database['place']
  alone: Database['alone']
  /** Lets go of the database, once. */
  close(): Promise<void>
} & AsyncDisposable

/** Opens the store at `sqlite:PATH`, `sqlite::memory:` or `postgres://…` and brings its tables up to date. */
export async function openStore(url: string): Promise<Store> {
  const database = await openDatabase(url)
  const { db, place, alone } = database
  let closing: Promise<void> | null = null
  const close = () => (closing ??= database.close())
  const messages = messagesIn(db)
  // our one-process guard says that whoever held a claim in this file is dead
  if (place.engine === 'sqlite') await messages.releaseAll()
  return {
    seen: seenIn(db),
    alerts: alertsIn(db),
    stories: storiesIn(db),
    messages,
    failures: failuresIn(db),
    lineSignatures: lineSignaturesIn(db),
    builds: buildsIn(db),
    cursors: cursorsIn(db),
    requests: requestsIn(db),
    executions: executionsIn(db),
    locks: locksIn(db),
    buttons: buttonsIn(db),
    links: linksIn(db),
    switches: switchesIn(db),
    audit: auditIn(db),
    checklists: checklistsIn(db),
    feedback: feedbackIn(db),
    place,
    alone,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The builds that a bot remembers, which may be running, to read only. */
export function readBuilds(url: string): Pick<Builds, 'ofRepository'> & Pick<Database, 'close'> {
  const { db, close } = openForReading(url)
  return { ofRepository: buildsIn(db).ofRepository, close }
}

/** The failures of a bot that may be running, to read only. The URL is as in `openStore`. */
export function readFailures(url: string): Pick<Failures, 'each'> & Pick<Database, 'close'> {
  const { db, close } = openForReading(url)
  return { each: failuresIn(db).each, close }
}

/** The audit of a bot that may be running, to read only. The URL is as in `openStore`. */
export function readAudit(url: string): Pick<Audit, 'verify' | 'each' | 'head'> & Pick<Database, 'close'> {
  const { db, close } = openForReading(url)
  const { verify, each, head } = auditIn(db)
  return { verify, each, head, close }
}

/** What people and verdicts said of each cause, in the database of a bot that may be running, to read only. */
export function readFeedback(url: string): Pick<Feedback, 'stats'> & Pick<Database, 'close'> {
  const { db, close } = openForReading(url)
  return { stats: feedbackIn(db).stats, close }
}
