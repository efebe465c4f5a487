import type { FeatureApp } from '../channel/feature.ts'

/** What an app does with files and ports. */
export type FileUse = 'send' | 'fetch' | 'ports'

/**
 * Whether this app may. An app that may type could do all of it by a command, so typing implies it; the right to send can be given
 * alone. The one place that decides.
 */
export const mayUse = (app: Pick<FeatureApp, 'mayType' | 'maySend'>, use: FileUse): boolean =>
  use === 'send' ? app.maySend : app.mayType
