import { colours, patterns } from './style.ts'
import type { Bar } from './waterfall.ts'

/** A shape as echarts takes it. */
export type Shape = { type: 'rect' | 'text' | 'line' | 'circle'; [key: string]: unknown }

/** A bar with its pattern; what was folded is thin. */
export function barShapes(
  kind: Bar['kind'],
  { x, width, middle }: { x: number; width: number; middle: number },
): Shape[] {
  const height = kind === 'cached' || kind === 'rest' ? 6 : 14
  const y = middle - height / 2
  const body: Shape = { type: 'rect', shape: { x, y, width, height, r: 2 }, style: colours[kind] }
  const pattern = patterns[kind]
  if (!pattern) return [body]
  // drawn by hand: echarts keeps what it made of a decal, and the next bar or picture gets another one
  return [body, ...(pattern.form === 'hatch' ? hatch : dots)({ x, y, width, height }, pattern.ink)]
}

type Box = { x: number; y: number; width: number; height: number }

function hatch({ x, y, width, height }: Box, ink: string): Shape[] {
  return steps(x + 2, x + width - height, 7).map((at) => ({
    type: 'line',
    shape: { x1: at, y1: y + height - 2, x2: at + height - 4, y2: y + 2 },
    style: { stroke: ink, lineWidth: 1.6 },
  }))
}

function dots({ x, y, width, height }: Box, ink: string): Shape[] {
  return steps(x + 5, x + width - 4, 9).map((at) => ({
    type: 'circle',
    shape: { cx: at, cy: y + height / 2, r: 1.7 },
    style: { fill: ink },
  }))
}

function steps(from: number, to: number, by: number): number[] {
  const count = Math.max(0, Math.floor((to - from) / by) + 1)
  return Array.from({ length: count }, (_, index) => Math.round((from + index * by) * 100) / 100)
}
