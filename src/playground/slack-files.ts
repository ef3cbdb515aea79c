import { z } from 'zod'

/**
 * Files on their way through the front. emulate takes them; what it lacks is kept here: that they are sent to the front
 * and not past it, and which of them an image block may show.
 */
export type LocalFiles = {
  /** bytes of the uploads that were completed, by id */
  completed: Map<string, Buffer>
  /** Sees the answer of a method, and gives it with the address at the front in place of emulate's. */
  answered(call: { method: string; args: Record<string, unknown> }, answer: Buffer): Buffer
  /** Sees bytes that are sent to `/upload/v1/ID`. */
  sent(path: string, bytes: Buffer): void
}

export function localFiles(frontUrl: () => string): LocalFiles {
  const sent = new Map<string, Buffer>()
  const completed = new Map<string, Buffer>()
  return {
    completed,
    sent: (path, bytes) => void sent.set(path.slice(path.lastIndexOf('/') + 1), bytes),
    answered({ method, args }, answer) {
      const told = answerSchema.parse(JSON.parse(String(answer)))
      if (!told.ok) return answer
      if (method === 'files.completeUploadExternal') {
        for (const { id } of filesSchema.parse(args.files)) completed.set(id, sent.get(id) ?? Buffer.alloc(0))
      }
      if (method !== 'files.getUploadURLExternal' || told.upload_url === undefined) return answer
      const { pathname } = new URL(told.upload_url)
      return Buffer.from(JSON.stringify({ ...told, upload_url: `${frontUrl()}${pathname}` }))
    },
  }
}

const answerSchema = z.looseObject({ ok: z.boolean(), upload_url: z.string().optional() })
const filesSchema = z.array(z.object({ id: z.string() }))
