/** See release.mjs. */
export function makeRelease(
  tarball: string,
  options: { readonly isDry: boolean; readonly to?: string },
): number
