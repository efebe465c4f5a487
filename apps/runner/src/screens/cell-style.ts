import { underlineColorOf, underlineFormOf } from './extended-style.ts'

/** How a cell looks: what xterm's cells and its current and saved attributes have in common. */
export interface CellStyle {
  isBold(): number
  isDim(): number
  isItalic(): number
  isUnderline(): number
  isBlink(): number
  isInverse(): number
  isInvisible(): number
  isStrikethrough(): number
  isOverline(): number
  isFgRGB(): boolean
  isFgPalette(): boolean
  isBgRGB(): boolean
  isBgPalette(): boolean
  getFgColorMode(): number
  getBgColorMode(): number
  getFgColor(): number
  getBgColor(): number
}

/** The mode of the 16 colours that "bold is bright" applies to; a palette index below 16 looks the same and is not. */
const SIXTEEN_COLORS = 0x1000000

export const isCellStyle = (value: unknown): value is CellStyle =>
  typeof value === 'object' && value !== null && 'isBold' in value && 'getBgColor' in value

/** The SGR sequence that sets exactly this style, whatever was set before. */
export function sgrOf(style: CellStyle): string {
  const codes: (string | number)[] = [0]
  if (style.isBold()) codes.push(1)
  if (style.isDim()) codes.push(2)
  if (style.isItalic()) codes.push(3)
  const underline = underlineFormOf(style)
  if (underline !== 0) codes.push(underline === 1 ? 4 : `4:${underline}`)
  if (style.isBlink()) codes.push(5)
  if (style.isInverse()) codes.push(7)
  if (style.isInvisible()) codes.push(8)
  if (style.isStrikethrough()) codes.push(9)
  if (style.isOverline()) codes.push(53)
  if (style.isFgRGB()) codes.push(38, 2, ...rgbOf(style.getFgColor()))
  else if (style.getFgColorMode() === SIXTEEN_COLORS) codes.push(sixteenth(30, style.getFgColor()))
  else if (style.isFgPalette()) codes.push(38, 5, style.getFgColor())
  codes.push(...backgroundOf(style), ...underlineColorOf(style))
  return `\x1b[${codes.join(';')}m`
}

/** The SGR sequence for a cell erased in this style: xterm erases with the background alone. */
export const eraseSgrOf = (style: CellStyle): string => `\x1b[${[0, ...backgroundOf(style)].join(';')}m`

export const hasBackground = (style: CellStyle): boolean => style.isBgRGB() || style.isBgPalette()

/** Whether an empty cell of this style looks different from one that was erased: then it is painted as a space. */
export const showsWhenEmpty = (style: CellStyle): boolean =>
  Boolean(style.isInverse() || underlineFormOf(style) !== 0 || style.isStrikethrough() || style.isOverline())

function backgroundOf(style: CellStyle): number[] {
  if (style.isBgRGB()) return [48, 2, ...rgbOf(style.getBgColor())]
  if (style.getBgColorMode() === SIXTEEN_COLORS) return [sixteenth(40, style.getBgColor())]
  return style.isBgPalette() ? [48, 5, style.getBgColor()] : []
}

const sixteenth = (base: number, color: number): number => (color < 8 ? base + color : base + 60 + color - 8)

const rgbOf = (color: number): [number, number, number] => [
  (color >> 16) & 0xff,
  (color >> 8) & 0xff,
  color & 0xff,
]
