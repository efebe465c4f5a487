const later = async (): Promise<number> => 1
export function planted(): void {
  later()
}
