import { MAY_APPROVE, MAY_SEND, MAY_TYPE, MAY_VIEW } from './app-file.ts'

/** What an app may do on this machine beside looking. */
export interface Rights {
  readonly type: boolean
  /** answer questions of agents */
  readonly approve: boolean
  /** send files */
  readonly send: boolean
}

/** Looks, and nothing else. */
export const LOOK: Rights = { type: false, approve: false, send: false }

/**
 * The rights behind these bits. An app that may type can do all of it anyway, so *type* implies the others.
 * @param viewOnly apps may look at this machine, whatever they were given
 */
export function rightsOf(perms: number, viewOnly: boolean): Rights {
  if (viewOnly) return LOOK
  const type = (perms & MAY_TYPE) !== 0
  return { type, approve: type || (perms & MAY_APPROVE) !== 0, send: type || (perms & MAY_SEND) !== 0 }
}

/** The bits that give these rights. What *type* implies is not written: it goes when *type* goes. */
export function permsOf({ type, approve, send }: Rights): number {
  if (type) return MAY_VIEW | MAY_TYPE
  return MAY_VIEW | (approve ? MAY_APPROVE : 0) | (send ? MAY_SEND : 0)
}

/** The most that the operator's word leaves. */
export const capOf = (rights: readonly (keyof Rights)[]): Rights => {
  const type = rights.includes('type')
  return { type, approve: type || rights.includes('approve'), send: type || rights.includes('send') }
}

/** What both allow. */
export const narrowed = (rights: Rights, cap: Rights | null): Rights =>
  cap === null
    ? rights
    : {
        type: rights.type && cap.type,
        approve: rights.approve && cap.approve,
        send: rights.send && cap.send,
      }
