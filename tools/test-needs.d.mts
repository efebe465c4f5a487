export function testFiles(folder?: string): string[]
export function chosenFiles(args: readonly string[], files?: readonly string[]): string[]
export function needsOf(
  paths: readonly string[],
  text?: (path: string) => string,
): {
  readonly programs: boolean
  readonly pages: boolean
  readonly release: boolean
  readonly whatsapp: boolean
}
