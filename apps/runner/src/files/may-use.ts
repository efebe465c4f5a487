import type { FeatureApp } from '../channel/feature.ts'

/** What an app does with files and ports. */
export type FileUse = 'send' | 'fetch' | 'ports'

/** Whether this app may. An app that may type could do all of it by a command, so typing implies it; sending has a right of its own. */
export const mayUse = (
  { mayType, maySend }: Pick<FeatureApp, 'mayType' | 'maySend'>,
  use: FileUse,
): boolean => mayType || (use === 'send' && maySend)
