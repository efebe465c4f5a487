/** Colours by what they mean; each leaves the text as it is when colours are off. */
export interface Paint {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  warning(text: string): string
}

const styled =
  (on: boolean, open: string) =>
  (text: string): string =>
    on && text !== '' ? `\u001b[${open}m${text}\u001b[0m` : text

export const paintWith = (color: boolean): Paint => ({
  strong: styled(color, '1'),
  faint: styled(color, '2'),
  good: styled(color, '32'),
  warning: styled(color, '33'),
})
