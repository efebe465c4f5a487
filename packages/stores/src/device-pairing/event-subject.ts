import type { PairingEvent } from '@latchkey/domain/device-pairing/events'

/** By what an event is found again: the token's digest, or null where it is of no pairing. */
export const tokenOf = (event: PairingEvent): string | null => ('token' in event ? event.token : null)

/** The device it is of, or null. */
export const deviceOf = (event: PairingEvent): string | null => ('nodeId' in event ? event.nodeId : null)
