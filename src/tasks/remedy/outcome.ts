import { redact } from '../../build/redact.ts'
import type { Execution, ExecutionResult } from '../../remedy/execution.ts'
import type { PlanOf } from '../../remedy/plan.ts'
import type { Request } from '../../remedy/request.ts'

/** What came of it. `unclear`: it may have happened, and asking again would risk doing it twice. */
export type Outcome = { outcome: 'done' | 'failed' | 'unclear'; result: ExecutionResult }

/** A request of one operation. */
export type RequestOf<Operation extends Request['plan']['operation']> = Request & { plan: PlanOf<Operation> }

/** A result in words alone; names of jobs and answers of GitHub may stand in them. */
export function told(words: string, more: Partial<ExecutionResult> = {}): ExecutionResult {
  return { words: redact(words), url: null, runId: null, attempt: null, entriesGone: null, bytesFreed: null, ...more }
}

/** When the call was about to be made. */
export function calledAt({ calledAt, startedAt }: Execution): Date {
  return new Date(calledAt ?? startedAt)
}
