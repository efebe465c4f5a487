import { cleanLabel } from '@latchkey/e2ee/label'
import type { ListedApp } from '@latchkey/protocol/runner-apps'
import type { AppRecord } from './app-file.ts'
import type { PlainApp } from './plain-apps.ts'
import type { Visitor } from './prompt.ts'
import { rightsOf } from './rights.ts'

/** The name of an app that asks, cleaned. */
export const labelOf = ({ label }: Visitor): string => cleanLabel(label) || 'app'

/** A known app for its owner. */
export const listed = (app: AppRecord): ListedApp => {
  const { type, approve, send } = rightsOf(app.perms, false)
  return {
    app: app.appId,
    label: app.label,
    mayType: type,
    mayApprove: approve,
    maySend: send,
    standing: app.standing,
    createdAt: app.createdAtMs,
    lastSeenAt: app.lastSeenAtMs,
  }
}

/** The same for one that cannot seal. */
export function withoutSession(app: PlainApp): ListedApp {
  const { appSessionId: _, ...told } = app
  return told
}
