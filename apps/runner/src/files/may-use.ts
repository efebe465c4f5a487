import type { FeatureApp } from '../channel/feature.ts'

/** What an app does with files and ports. */
export type FileUse = 'send' | 'fetch' | 'ports'

/**
 * Whether this app may. An app that may type could do all of it by a command, so typing implies it. The one place that decides:
 * a right of its own, such as to send only, is asked here.
 */
export const mayUse = (app: Pick<FeatureApp, 'mayType'>, _use: FileUse): boolean => app.mayType
