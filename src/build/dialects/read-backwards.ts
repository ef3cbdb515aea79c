import { failVertex } from '../build.ts'
import type { Scene } from '../scene.ts'
import { addClassicStep, type StepLine } from './classic.ts'

/**
 * A log that is shown with its newest line on top (Google Cloud Build's page): the closing error of the classic builder
 * comes first, its step last, and what stands between them was the step's output.
 */
export function backwardsReader(scene: Scene) {
  let between: { text: string; number: number }[] = []
  /** number of the step that came last, once one has fitted */
  let above: number | null = null
  let closing: { text: string; number: number } | null = null
  let begun: string | null = null

  function forget(): void {
    closing = null
    above = null
    between = []
  }

  /** The first step after the closing error is the one that it is about. */
  function isTheFailed(step: StepLine): boolean {
    const failed = scene.build?.vertices.get('1')
    if (!failed || above !== null) return false
    const told = failed.name.instruction
    return step.instruction === told || (!told.includes(' ') && step.instruction.startsWith(`${told} `))
  }

  return {
    /** Nothing but this error is known of the build so far. */
    begin(text: string): void {
      begun = text
    },

    keep(text: string, number: number): void {
      if (begun === text) {
        closing = { text, number }
        begun = null
      } else if (closing && between.length < linesKept) between.push({ text, number })
    },

    waits: () => closing !== null,

    readStep(step: StepLine, number: number): boolean {
      const { build } = scene
      if (!closing || !build) return false
      if (!isTheFailed(step) && !(above !== null && step.number < above)) {
        forget()
        return false
      }
      if (above === null) {
        build.vertices.clear()
        const vertex = addClassicStep(build, step, number)
        failVertex(vertex, closing.text, closing.number)
        for (const line of between.reverse()) scene.emit(line.text, line.number, 'step', vertex)
        scene.emit(closing.text, closing.number, 'error', vertex)
      } else {
        const vertex = addClassicStep(build, step, number)
        vertex.status = 'done'
      }
      above = step.number
      between = []
      build.lastLine = number
      return true
    },
  }
}

const linesKept = 300
