import type { OperatorAct } from './events.ts'
import type { MeshOperation } from './ports.ts'

const NAME_CHARS_MAX = 100

/** One act: its object, its actor, its place. */
export interface DoneAct {
  readonly what: OperatorAct
  /** its object, without any secret; null: the broker itself */
  readonly to: { readonly id: string; readonly name: string } | null
  /** the API key of the program that did it; null: the operator */
  readonly by: { readonly id: string; readonly name: string } | null
  /** where that was asked from; null where it is not known */
  readonly ip: string | null
}

/** Remembers an act of the operator or of a program beside the events of devices, so that one trail has all of them. */
export const operatorDid = ({ what, to, by, ip }: DoneAct): MeshOperation<null> => ({
  keys: [],
  decide: (_view, now) => ({
    writes: [],
    events: [
      {
        ...(by === null ? { type: 'OperatorDid' } : { type: 'ProgramDid', by: named(by) }),
        what,
        reason: to === null ? '' : named(to).name,
        ...(to !== null && { about: named(to).id }),
        ip,
        at: now,
      },
    ],
    answer: null,
  }),
})

const named = ({ id, name }: { readonly id: string; readonly name: string }) => ({
  id: id.slice(0, NAME_CHARS_MAX),
  name: name.slice(0, NAME_CHARS_MAX),
})
