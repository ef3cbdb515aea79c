import postgres from 'postgres'

/**
 * Lets the leases of all workers run out now instead of in 30 s. On SQLite there is nothing to do: the next process
 * takes over at once.
 */
export async function outliveLeases(url: string): Promise<void> {
  if (!url.startsWith('postgres')) return
  const connection = postgres(url, { max: 1 })
  await connection`update openworkflow.workflow_runs set available_at = now() where worker_id is not null and status = 'running'`
  await connection.end()
}
