import { CustomChart, type CustomSeriesOption } from 'echarts/charts'
import { GraphicComponent, type GraphicComponentOption, GridComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { took } from '../thread/took.ts'
import { barText, type Row, rowsOf } from './rows.ts'
import { barShapes, type Shape } from './shapes.ts'
import { font, inert, inks, measured, size, wrap } from './style.ts'
import type { Bar, Waterfall } from './waterfall.ts'

echarts.use([CustomChart, GraphicComponent, GridComponent, SVGRenderer])

export type Drawing = { svg: string; width: number; height: number }

/** The waterfall as SVG, from top to bottom: title, sentence, time axis, lanes with their bars, legend, note. */
export function drawWaterfall(waterfall: Waterfall): Drawing {
  const rows = rowsOf(waterfall)
  const sentence = wrap(`${waterfall.sentence}.`, 114)
  const note = waterfall.note === '' ? [] : wrap(waterfall.note, 122)
  const top = size.head + sentence.length * size.line + size.axis
  const bottom = size.legend + note.length * size.line + size.edge
  const height = top + rows.length * size.row + bottom
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: size.width, height })
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: font },
      grid: { left: size.labels, right: size.edge, top, bottom, containLabel: false },
      xAxis: timeAxis(rows),
      yAxis: { type: 'category', inverse: true, show: false, data: rows.map((_, index) => index) },
      series: [bars(rows)],
      graphic: frame(waterfall, { sentence, note, height }),
    })
    return { svg: chart.renderToSVGString(), width: size.width, height }
  } finally {
    chart.dispose()
  }
}

function timeAxis(rows: Row[]) {
  const last = Math.max(...rows.map((row) => (row.bar ? row.bar.start + row.bar.seconds : 0)), 0.1)
  return {
    type: 'value' as const,
    position: 'top' as const,
    min: 0,
    // room for what stands beside the longest bar
    max: last * 1.18,
    interval: tickOf(last),
    axisLabel: {
      color: inks.quiet,
      fontSize: 12,
      // what lies behind the last bar is no part of the build
      formatter: (time: number) => (time === 0 ? '0' : time > last ? '' : took(time).replace('.0 s', ' s')),
    },
    splitLine: { showMaxLine: false, lineStyle: { color: inks.grid } },
  }
}

/** The distance of the ticks: round in seconds, minutes and hours. */
function tickOf(last: number): number {
  const least = last / 6
  const round = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]
  return round.find((tick) => tick >= least) ?? Math.ceil(least / 3600) * 3600
}

function bars(rows: Row[]): CustomSeriesOption {
  return {
    type: 'custom',
    clip: false,
    silent: true,
    data: rows.map((row, index) => [row.bar?.start ?? 0, (row.bar?.start ?? 0) + (row.bar?.seconds ?? 0), index]),
    encode: { x: [0, 1], y: 2 },
    renderItem: (_, api) => {
      const row = rows[Number(api.value(2))]
      if (!row) return null
      const [from = 0, middle = 0] = api.coord([api.value(0), api.value(2)])
      const [to = from] = api.coord([api.value(1), api.value(2)])
      return { type: 'group', children: drawRow(row, { from, to, middle }) }
    },
  }
}

type Place = { from: number; to: number; middle: number }

function drawRow({ label, heading, bar }: Row, { from, to, middle }: Place): Shape[] {
  const left = heading ? size.edge : size.edge + 14
  const words: Shape = {
    type: 'text',
    style: {
      ...{ text: inert(label), x: left, y: middle, verticalAlign: 'middle', fontFamily: font, fontSize: 13 },
      ...{ fontWeight: heading ? 600 : 400, fill: inks.text },
      ...{ width: measured(size.labels - left - 8), overflow: 'truncate', ellipsis: '…' },
    },
  }
  const line: Shape = {
    type: 'line',
    shape: { x1: size.edge, x2: size.width - size.edge, y1: middle - size.row / 2, y2: middle - size.row / 2 },
    style: { stroke: inks.grid, lineWidth: 1 },
  }
  return [...(heading ? [line] : []), words, ...(bar ? drawBar(bar, { from, to, middle }) : [])]
}

function drawBar(bar: Bar, { from, to, middle }: Place): Shape[] {
  // what was quick is still there to be seen; what is cached took no time
  const width = bar.kind === 'cached' ? 10 : Math.max(3, Math.min(to, size.width - size.edge) - from)
  return [...barShapes(bar.kind, { x: from, width, middle }), beside(barText(bar), { from, to: from + width, middle })]
}

/** Right of the bar, else left of it, else upon its end. */
function beside(text: string, { from, to, middle }: Place): Shape {
  const room = text.length * 6.9 + 10
  const style = {
    ...{ text, y: middle, verticalAlign: 'middle', fontFamily: font, fontSize: 12, fill: inks.text },
    ...{ backgroundColor: inks.paper, padding: [1, 4, 1, 6], borderRadius: 3 },
  }
  if (to + room <= size.width - size.edge) return { type: 'text', style: { ...style, x: to + 1 } }
  if (from - room >= size.labels) return { type: 'text', style: { ...style, x: from - 2, align: 'right' } }
  return { type: 'text', style: { ...style, x: to - 6, align: 'right' } }
}

type Lines = { sentence: string[]; note: string[]; height: number }

function frame(waterfall: Waterfall, { sentence, note, height }: Lines): GraphicComponentOption[] {
  const clipped = { width: measured(size.width - 2 * size.edge), overflow: 'truncate' as const, ellipsis: '…' }
  const text = (words: string, x: number, y: number, style: object = {}) => ({
    type: 'text' as const,
    silent: true,
    style: { text: inert(words), x, y, fontFamily: font, fontSize: 13, fill: inks.text, ...clipped, ...style },
  })
  const title = { fontSize: 17, fontWeight: 600, width: measured(600) }
  const below = height - size.edge - note.length * size.line
  return [
    {
      type: 'rect',
      z: -10,
      shape: { x: 0.5, y: 0.5, width: size.width - 1, height: height - 1, r: 8 },
      style: { fill: inks.paper, stroke: inks.edge, lineWidth: 1 },
    },
    text(waterfall.title, size.edge, 20, title),
    text(total(waterfall), size.width - size.edge, 20, { fontSize: 17, fontWeight: 600, align: 'right' }),
    ...sentence.map((line, index) => text(line, size.edge, size.head + index * size.line)),
    ...legend(waterfall, below - size.legend + 12),
    ...note.map((line, index) => text(line, size.edge, below + index * size.line, { fontSize: 12, fill: inks.quiet })),
  ]
}

function total({ totalSeconds, by }: Waterfall): string {
  return `${took(totalSeconds)}${by === 'order' ? ' measured' : ''}`
}

/** A sample of each kind of bar that the picture has, with its name. */
function legend({ lanes }: Waterfall, y: number): GraphicComponentOption[] {
  const kinds = new Set(lanes.flatMap(({ bars }) => bars.map(({ kind }) => kind)))
  let x: number = size.edge
  return legendWords
    .filter(([kind]) => kinds.has(kind))
    .flatMap(([kind, words]) => {
      const at = x
      x += 28 + words.length * 6.2 + 20
      const style = { text: words, x: at + 30, y, fontFamily: font, fontSize: 12, fill: inks.text }
      return [
        ...barShapes(kind, { x: at, width: 24, middle: y + 7 }),
        { type: 'text', style },
      ] as GraphicComponentOption[]
    })
}

const legendWords: [Bar['kind'], string][] = [
  ['cached', 'from the cache'],
  ['first-miss', 'first miss of its stage'],
  ['ran', 'ran'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
  ['unfinished', 'not finished'],
  ['rest', 'quick steps, summed'],
]
