import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'
import { type Drawing, drawWaterfall } from './draw.ts'
import { font } from './style.ts'
import type { Waterfall } from './waterfall.ts'

/** Twice the size on screen, for displays that have the pixels. */
const scale = 2

/** A waterfall as PNG. The typeface comes with us: a container has none, and a picture shall look the same everywhere. */
export function waterfallPng(waterfall: Waterfall): Buffer {
  return rendered(drawWaterfall(waterfall)).asPng()
}

export function rendered({ svg, width }: Drawing) {
  return new Resvg(svg, {
    fitTo: { mode: 'width', value: width * scale },
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: font },
  }).render()
}

const fontFiles = [
  import.meta.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  import.meta.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
].map((url) => fileURLToPath(url))
