import { z } from 'zod'

/** Reads a JSON column; `where` names it in the error, e.g. "stories.diagnosis of story 17". */
export function readJson<T>(schema: z.ZodType<T>, text: string, where: string): T {
  const parsed = schema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new Error(
    `${where} does not hold what this version of Layerwise expects (was it written by another version?): ` +
      z.prettifyError(parsed.error),
  )
}
