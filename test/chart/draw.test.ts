import { Resvg } from '@resvg/resvg-js'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Drawing, drawWaterfall } from '../../src/chart/draw.ts'
import { planWaterfall } from '../../src/chart/plan.ts'
import { rendered, waterfallPng } from '../../src/chart/png.ts'
import { altText } from '../../src/chart/sentence.ts'
import { barKinds, type Waterfall, waterfallSchema } from '../../src/chart/waterfall.ts'
import { hostile } from '../thread/hostile.ts'
import { build, large, step } from './builds.ts'

const plan = (builds: ReturnType<typeof large>): Waterfall => {
  const waterfall = planWaterfall(builds.build, builds.times, 'acme/web · build')
  if (!waterfall) throw new Error('nothing to draw')
  return waterfall
}

/** One bar of each kind, ten seconds each. */
const kinds: Waterfall = {
  title: 'acme/web',
  totalSeconds: 70,
  by: 'clock',
  note: '',
  sentence: 'None of 7 steps came from the cache',
  lanes: [
    { stage: 'app', bars: barKinds.map((kind, index) => ({ label: kind, start: index * 10, seconds: 10, kind })) },
  ],
}

describe('the PNG', () => {
  test('is one, of twice the size on screen', () => {
    const png = waterfallPng(kinds)
    const { width, height } = drawWaterfall(kinds)
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width * 2, height * 2])
  })

  test('of a hundred steps in ten stages is drawn fast and stays small', () => {
    const waterfall = plan(large())
    const begin = performance.now()
    const png = waterfallPng(waterfall)
    // measured at 150 ms; a busy machine is slower
    expect(performance.now() - begin).toBeLessThan(2_000)
    expect(png.length).toBeLessThan(1_000_000)
  })

  test('is the same each time', () => {
    expect(waterfallPng(kinds).equals(waterfallPng(kinds))).toBe(true)
  })

  test('has the colour of each kind of bar', () => {
    const inks = inksOf(rendered(drawWaterfall(kinds)).pixels)
    for (const ink of ['0,158,115', '0,114,178', '230,159,0', '192,58,0', '138,148,163'])
      expect(inks.get(ink) ?? 0, ink).toBeGreaterThan(100)
  })

  test('has words without any typeface of the system', () => {
    const { svg, width }: Drawing = drawWaterfall(kinds)
    const bare = new Resvg(svg, { fitTo: { mode: 'width', value: width * 2 }, font: { loadSystemFonts: false } })
    const text = '27,36,48'
    const written = inksOf(rendered(drawWaterfall(kinds)).pixels).get(text) ?? 0
    // what is left without our typeface are the dots on a first miss
    expect(written - (inksOf(bare.render().pixels).get(text) ?? 0)).toBeGreaterThan(3_000)
  })
})

describe('names that nobody expects', () => {
  beforeAll(() => void waterfallPng(kinds))

  test('never break the picture', () => {
    const names = fc.array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 200 }), fc.constant('__proto__')), {
      minLength: 3,
      maxLength: 8,
    })
    fc.assert(
      fc.property(names, hostile, (given, stage) => {
        const steps = given.map((name) => step(name, { stage }))
        const waterfall = plan({ build: build(steps, given.slice(0, 1)), times: [] })
        expect(waterfallSchema.parse(waterfall)).toEqual(waterfall)
        expect(altText(waterfall).length).toBeLessThanOrEqual(1_900)
        const { svg } = drawWaterfall(waterfall)
        // resvg refuses what is not XML
        expect(() => new Resvg(svg, { font: { loadSystemFonts: false } })).not.toThrow()
        expect(svg).not.toMatch(/<(?!\/?(?:svg|g|path|text|rect|style|circle)\b|!\[CDATA\[)/)
      }),
      { numRuns: 150 },
    )
  })

  test.each(['__proto__', 'constructor', 'toString', '__defineGetter__'])('do no harm: %s', (name) => {
    const before = [Object.prototype, Object, Object.prototype.toString].map((shared) => Reflect.ownKeys(shared).length)
    for (const label of [name, `${name} ${'x'.repeat(200)}`, `${'x'.repeat(110)} ${name}`]) {
      const steps = [1, 2, 3].map(() => step(`[${name} 1/1] ${label}`, { stage: name }))
      drawWaterfall({ ...plan({ build: build(steps, [label]), times: [] }), title: name, note: name, sentence: name })
    }
    const after = [Object.prototype, Object, Object.prototype.toString].map((shared) => Reflect.ownKeys(shared).length)
    expect(after).toEqual(before)
  })

  test('are drawn as they are, mark-up and all', () => {
    const names = ['</text><script>alert(1)</script>', '{a|b}', '&lt;x&gt;']
    const { svg } = drawWaterfall(plan({ build: build(names.map((name) => step(name))), times: [] }))
    expect(svg).not.toContain('<script')
    expect(svg).toContain('&lt;script&gt;')
    expect(svg).toContain('&amp;lt;x&amp;gt;')
  })
})

/** How many pixels there are of each colour. */
function inksOf(pixels: Buffer): Map<string, number> {
  const counts = new Map<string, number>()
  for (let at = 0; at < pixels.length; at += 4) {
    const ink = `${pixels[at]},${pixels[at + 1]},${pixels[at + 2]}`
    counts.set(ink, (counts.get(ink) ?? 0) + 1)
  }
  return counts
}
