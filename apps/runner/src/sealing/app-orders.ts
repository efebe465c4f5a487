import { assertNever } from '@latchkey/domain/kernel'
import {
  type AppsAnswer,
  type AppsOrder,
  LISTED_APPS_MAX,
  type ListedApp,
} from '@latchkey/protocol/runner-apps'
import { type AppRecord, MAY_TYPE } from './app-file.ts'
import type { Doorkeeper } from './doorkeeper.ts'

/** What is done about known apps, whoever may want it: the owner on this machine, or the operator through the broker. */

/** The apps that are known, and whether new ones come in. */
export const standing = ({ book, locked }: Doorkeeper) => ({
  ok: true as const,
  apps: book.apps.map(listed),
  locked,
})

export const revoke = ({ appId }: AppRecord, door: Doorkeeper): Promise<boolean> =>
  door.revoke(appId, 'revoked by the owner')

/** Answers with those that were turned away. */
export async function revokeAll(door: Doorkeeper): Promise<readonly AppRecord[]> {
  const { apps } = door.book
  await Promise.all(apps.map(({ appId }) => door.revoke(appId, 'all were revoked by the owner')))
  return apps
}

export const listed = (app: AppRecord): ListedApp => ({
  app: app.appId,
  label: app.label,
  mayType: (app.perms & MAY_TYPE) !== 0,
  standing: app.standing,
  createdAt: app.createdAtMs,
  lastSeenAt: app.lastSeenAtMs,
})

/**
 * Carries out what the operator wants. It came through the broker, so it can take access away and never give any: there is
 * no way here to unlock, to let somebody in, or to learn a PIN.
 */
export async function answerOperator(
  order: AppsOrder,
  door: Doorkeeper,
  onTrouble: (problem: unknown) => void,
): Promise<AppsAnswer> {
  try {
    if (!(await carryOut(order, door)))
      return { ok: false, code: 'NO_SUCH_APP', message: 'No such app is known here.' }
    const { apps, ...rest } = standing(door)
    return { ...rest, apps: apps.slice(0, LISTED_APPS_MAX) }
  } catch (problem) {
    // What a disk says is for the owner, not for the broker.
    onTrouble(problem)
    return { ok: false, code: 'FAILED', message: 'The machine could not write it down.' }
  }
}

/** False when there is no such app. */
async function carryOut(order: AppsOrder, door: Doorkeeper): Promise<boolean> {
  switch (order.command) {
    case 'apps':
      return true
    case 'rename':
      if (door.book.get(order.app) === null) return false
      await door.book.rename(order.app, order.label)
      return true
    case 'revoke': {
      const app = door.book.get(order.app)
      return app !== null && revoke(app, door)
    }
    case 'revoke-all':
      await revokeAll(door)
      return true
    case 'lock':
      await door.lock()
      return true
    default:
      return assertNever(order)
  }
}
