import { type Build, closeVertex, type Vertex } from '../build.ts'
import type { StepLine } from './classic.ts'

/**
 * Stories told at the same time, whose lines come mixed and mostly name none of them: the stages that `buildah --jobs`
 * runs beside each other, the services that `docker-compose build --parallel` builds so. Whose line it is, is deduced: a
 * step that copies from a stage waits for it, a layer's short id is the head of its long one, only a command has output.
 */
export type Lane = { build: Build; step: StepLine; vertex: Vertex; alias: string | null; layer: string | null }

export function openLanes() {
  let lanes: Lane[] = []
  const isOpen = ({ vertex }: Lane) => vertex.status === 'unfinished'

  /** `COPY --from=deps` cannot be done while stage deps is not. */
  function waits(lane: Lane): boolean {
    const [, from, base] = /\bfrom=([\w.-]+)|^FROM ([\w.-]+)(?: AS |$)/i.exec(lane.step.instruction) ?? []
    const name = (from ?? base)?.toLowerCase()
    return lanes.some(
      (other) =>
        (other.alias === name || String(Number(other.step.lane) - 1) === name) && !(other.step.last && !isOpen(other)),
    )
  }

  /** Which step a `--> …` line of buildah speaks of. */
  function ofLayer(text: string): Lane | undefined {
    const id = /^--> ([0-9a-f]{8,})\s*$/.exec(text)?.[1]
    const cached = id === undefined ? undefined : lanes.find(({ layer }) => layer?.startsWith(id))
    return cached ?? lanes.find((lane) => isOpen(lane) && lane.vertex.name.kind === 'step' && !waits(lane))
  }

  return {
    /** The step that this one follows, if its story has begun; rather one of the build that is being told. */
    before(step: StepLine, current: Build | null): Lane | null {
      const fits = lanes.filter((lane) => lane.step.lane === step.lane && lane.step.number + 1 === step.number)
      return fits.find((lane) => lane.build === current) ?? fits.at(-1) ?? null
    },

    begin(build: Build, step: StepLine, vertex: Vertex): void {
      const past = lanes.findIndex((lane) => lane.build === build && lane.step.lane === step.lane)
      const alias = /^FROM\b.* AS (\S+)\s*$/i.exec(step.instruction)?.[1]?.toLowerCase()
      const lane = { build, step, vertex, alias: alias ?? lanes[past]?.alias ?? null, layer: null }
      lanes = [...lanes.filter((_, index) => index !== past), lane]
    },

    /** Another stage begins while this step is not its stage's last: both run. */
    beside(vertex: Vertex | null): boolean {
      return lanes.some((lane) => lane.vertex === vertex && !lane.step.last)
    },

    /** The build that is through when one says so: the one at its last step. */
    ending(current: Build): Build {
      const last = lanes.filter(({ step }) => step.last)
      return last.some(({ build }) => build === current) ? current : (last.at(-1)?.build ?? current)
    },

    end(build: Build): void {
      for (const lane of lanes) if (lane.build === build) closeVertex(lane.vertex)
      lanes = lanes.filter((lane) => lane.build !== build)
    },

    forget(): void {
      lanes = []
    },

    /** A build that still runs when the one that spoke is through. */
    left(): Lane | null {
      return lanes.findLast(isOpen) ?? null
    },

    /** More than one is at it: a line that names nobody may be anybody's. */
    several: () => lanes.filter(isOpen).length > 1,

    /** Whose line this is; null when there is no telling, or no doubt: whoever speaks goes on. */
    of(text: string): Lane | null {
      const open = lanes.filter(isOpen)
      if (open.length < 2 && !(open.length === 1 && lanes.length > 1)) return null
      const quoted = open.find(({ vertex }) => isQuoted(vertex.name.instruction, text))
      if (quoted) return quoted
      if (text.startsWith('--> ')) {
        const lane = ofLayer(text) ?? null
        if (lane) lane.layer = /^--> Using cache ([0-9a-f]+)/.exec(text)?.[1] ?? null
        return lane
      }
      if (open.every(({ build }) => build.builder === 'classic')) return null
      return open.findLast(({ vertex }) => /^RUN\b/i.test(vertex.name.instruction)) ?? null
    },
  }
}

/** `building at STEP "RUN make"`, `The command '/bin/sh -c make' returned …` */
function isQuoted(instruction: string, text: string): boolean {
  if (!/building at STEP "|returned a non-zero code: /.test(text)) return false
  return text.includes(`"${instruction}"`) || text.includes(instruction.replace(/^RUN /i, '/bin/sh -c '))
}
