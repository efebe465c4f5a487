import type { OperatorAct } from './events.ts'
import type { MeshOperation } from './ports.ts'

const ABOUT_CHARS_MAX = 100

/** Remembers an act of the operator beside the events of devices, so that one trail has all of them. */
export const operatorDid = (act: {
  readonly what: OperatorAct
  /** a name or an id; never a secret */
  readonly about?: string
  /** where the operator was; null where that is not known */
  readonly ip: string | null
}): MeshOperation<null> => ({
  keys: [],
  decide: (_view, now) => ({
    writes: [],
    events: [
      {
        type: 'OperatorDid',
        what: act.what,
        reason: (act.about ?? '').slice(0, ABOUT_CHARS_MAX),
        ip: act.ip,
        at: now,
      },
    ],
    answer: null,
  }),
})
