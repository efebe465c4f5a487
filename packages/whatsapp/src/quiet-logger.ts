import type { UserFacingSocketConfig } from 'baileys'

type Logger = NonNullable<UserFacingSocketConfig['logger']>

const nothing = (): void => {}

/** Baileys writes keys, numbers and codes into its log at several levels, so none of it is kept; what matters is told as events. */
export const quietLogger: Logger = {
  level: 'silent',
  child: () => quietLogger,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
