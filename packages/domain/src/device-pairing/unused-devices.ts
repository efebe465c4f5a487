import { type Instant, later } from '../kernel.ts'
import { meshKey } from './deciding.ts'
import type { PairingEvent } from './events.ts'
import type { DeviceId } from './ids.ts'
import type { MeshOperation } from './ports.ts'
import type { Device, PeerToken } from './records.ts'
import type { DeviceRules } from './rules.ts'

/**
 * Announces the end of what a device has that is not used: its peer token, once for each end; and its membership, where devices
 * are removed by rule. `due`: the announced moment of its removal has come, and the caller revokes it. The announcement stands
 * for at least `removalNoticeMs`, also for a device that was away for longer while the broker was off.
 */
export const announceEnd = (
  command: { readonly nodeId: DeviceId },
  rules: DeviceRules,
): MeshOperation<'due' | 'told' | 'nothing'> => ({
  keys: [meshKey('node', command.nodeId), meshKey('holdings', command.nodeId)],
  decide: (view, now) => {
    const device = view.get('node', command.nodeId)
    if (device === undefined || device.revokedAt !== null || device.isFirst)
      return { writes: [], answer: 'nothing' }
    if (isRemovalDue(device, rules, now)) return { writes: [], answer: 'due' }
    const { tokens } = view.get('holdings', device.id) ?? { tokens: [] }
    const toldEnd = endToTell(device, tokens, rules, now)
    const removalAt = removalToTell(device, rules, now)
    if (toldEnd === null && removalAt === null) return { writes: [], answer: 'nothing' }
    const about = { type: 'NodeEndTold' as const, nodeId: device.id, name: device.name, at: now }
    const events: readonly PairingEvent[] = [
      ...(toldEnd === null ? [] : [{ ...about, reason: 'token-ends' as const, until: toldEnd }]),
      ...(removalAt === null ? [] : [{ ...about, reason: 'unused' as const, until: removalAt }]),
    ]
    const value: Device = {
      ...device,
      toldEnd: toldEnd ?? device.toldEnd,
      removalAt: removalAt ?? device.removalAt,
    }
    return { writes: [{ put: 'node', value }], events, answer: 'told' }
  },
})

/** Whether the rule has a removal to carry out. A rule that was switched off since the announcement removes nothing. */
const isRemovalDue = ({ removalAt }: Device, { unusedLifeMs }: DeviceRules, now: Instant): boolean =>
  unusedLifeMs !== null && removalAt !== null && now >= removalAt

/** The near end of its peer token, if that was not told yet. One that is used is renewed long before. */
function endToTell(
  device: Device,
  tokens: readonly PeerToken[],
  { endToldMs }: DeviceRules,
  now: Instant,
): Instant | null {
  const ends = tokens.map(({ expiresAt }) => expiresAt)
  const last = ends.reduce<Instant | null>(
    (latest, end) => (latest === null || end > latest ? end : latest),
    null,
  )
  const isNear = last !== null && now < last && last - now <= endToldMs
  return isNear && device.toldEnd !== last ? last : null
}

/** The moment of a removal that has to be announced now, or null. */
function removalToTell(
  { lastSeenAt, removalAt }: Device,
  { unusedLifeMs, removalNoticeMs }: DeviceRules,
  now: Instant,
): Instant | null {
  if (unusedLifeMs === null || removalAt !== null) return null
  const dueAt = later(lastSeenAt, unusedLifeMs)
  const noticeMs = Math.min(removalNoticeMs, unusedLifeMs / 2)
  if (now < later(dueAt, -noticeMs)) return null
  const earliest = later(now, noticeMs)
  return dueAt > earliest ? dueAt : earliest
}
