import { assertNever } from '@latchkey/domain/kernel'
import {
  type AppsAnswer,
  type AppsOrder,
  LISTED_APPS_MAX,
  LISTED_SESSIONS_MAX,
  type ListedApp,
} from '@latchkey/protocol/runner-apps'
import type { Doorkeeper } from './doorkeeper.ts'

/** Orders about known apps: by the owner on this machine, or by the operator through the broker. */

/** The apps that are known, and whether new ones come in. */
export const standing = ({ known, locked }: Doorkeeper) => ({ ok: true as const, apps: [...known], locked })

export const revoke = ({ app }: ListedApp, door: Doorkeeper): Promise<boolean> =>
  door.revoke(app, 'revoked by the owner')

/** Answers with those that were turned away. */
export async function revokeAll(door: Doorkeeper): Promise<readonly ListedApp[]> {
  const { known } = door
  await Promise.all(known.map(({ app }) => door.revoke(app, 'all were revoked by the owner')))
  return known
}

/** Null when there is no such app. */
export const knownApp = ({ known }: Doorkeeper, id: string): ListedApp | null =>
  known.find(({ app }) => app === id) ?? null

/**
 * Carries out what the operator wants. It came through the broker, so it can take access away and never give any: there is
 * no way here to unlock, to let somebody in, or to learn a PIN.
 * @param sessionsOf an app's id: the app sessions in which it came in, the latest last
 */
export async function answerOperator(
  order: AppsOrder,
  door: Doorkeeper,
  sessionsOf: (appId: string) => readonly string[],
  onTrouble: (problem: unknown) => void,
): Promise<AppsAnswer> {
  try {
    if (!(await carryOut(order, door)))
      return { ok: false, code: 'NO_SUCH_APP', message: 'No such app is known here.' }
    const { apps, ...rest } = standing(door)
    const listed = apps.slice(0, LISTED_APPS_MAX)
    return {
      ...rest,
      apps: listed.map((app) => ({ ...app, sessions: sessionsOf(app.app).slice(-LISTED_SESSIONS_MAX) })),
    }
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
      if (knownApp(door, order.app) === null) return false
      await door.rename(order.app, order.label)
      return true
    case 'revoke': {
      const app = knownApp(door, order.app)
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
