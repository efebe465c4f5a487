/** Three rows, four or five columns a sign: the largest that nine of them and two dashes can be in 60 columns. */
const FACE: Readonly<Record<string, readonly [string, string, string]>> = {
  '0': ['▄▀▀▄', '█▄▀█', '▀▄▄▀'],
  '1': ['▄█ ', ' █ ', '▄█▄'],
  '2': ['▀▀▀▄', '▄▀▀ ', '█▄▄▄'],
  '3': ['▀▀▀▄', ' ▀▀▄', '▄▄▄▀'],
  '4': ['█  █', '▀▀▀█', '   █'],
  '5': ['█▀▀▀', '▀▀▀▄', '▄▄▄▀'],
  '6': ['▄▀▀ ', '█▀▀▄', '▀▄▄▀'],
  '7': ['▀▀▀█', ' ▄▀ ', ' █  '],
  '8': ['▄▀▀▄', '▄▀▀▄', '▀▄▄▀'],
  '9': ['▄▀▀▄', '▀▄▄█', ' ▄▄▀'],
  A: ['▄▀▀▄', '█▄▄█', '█  █'],
  B: ['█▀▀▄', '█▀▀▄', '█▄▄▀'],
  C: ['▄▀▀▀', '█   ', '▀▄▄▄'],
  D: ['█▀▀▄', '█  █', '█▄▄▀'],
  E: ['█▀▀▀', '█▀▀ ', '█▄▄▄'],
  F: ['█▀▀▀', '█▀▀ ', '█   '],
  G: ['▄▀▀▀', '█ ▀█', '▀▄▄█'],
  H: ['█  █', '█▀▀█', '█  █'],
  J: ['  ▀█', '   █', '▀▄▄▀'],
  K: ['█ ▄▀', '██  ', '█ ▀▄'],
  M: ['█▄ ▄█', '█ ▀ █', '█   █'],
  N: ['█▄  █', '█ ▀▄█', '█   █'],
  P: ['█▀▀▄', '█▄▄▀', '█   '],
  Q: ['▄▀▀▄', '█  █', '▀▄▀▄'],
  R: ['█▀▀▄', '█▄▄▀', '█ ▀▄'],
  S: ['▄▀▀▀', ' ▀▀▄', '▄▄▄▀'],
  T: ['▀▀█▀▀', '  █  ', '  █  '],
  V: ['█   █', '▀▄ ▄▀', ' ▀▄▀ '],
  W: ['█   █', '█ ▄ █', '█▀ ▀█'],
  X: ['▀▄ ▄▀', '  █  ', '▄▀ ▀▄'],
  Y: ['▀▄ ▄▀', '  █  ', '  █  '],
  Z: ['▀▀▀█', ' ▄▀ ', '█▄▄▄'],
  '-': ['   ', '▀▀▀', '   '],
}
const GAP = ' '

/** `text` as a picture of three rows; null when a sign of it has none (the founding alphabet has I, L, O and U). */
export function inBlocks(text: string): readonly string[] | null {
  const signs = [...text].map((sign) => FACE[sign])
  if (signs.includes(undefined)) return null
  return [0, 1, 2].map((row) => signs.map((sign) => sign?.[row] ?? '').join(GAP))
}
