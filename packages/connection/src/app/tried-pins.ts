/**
 * The PINs that were typed for one machine, newest last, joined by spaces: as an app keeps them. A machine shows each PIN for
 * one try. Digits that are typed once more are what a relay in between wants that plays "wrong, again" at a person: each
 * time it hears them it has another guess at what the machine shows. So no app sends the same digits twice.
 */
export type TriedPins = string

/** More than a person types before giving up; the oldest are forgotten. */
const KEPT_MAX = 32

export const wasTried = (tried: TriedPins, pin: string): boolean => pinsOf(tried).includes(pin)

export const withTried = (tried: TriedPins, pin: string): TriedPins =>
  [...pinsOf(tried).filter((each) => each !== pin), pin].slice(-KEPT_MAX).join(' ')

const pinsOf = (tried: TriedPins): readonly string[] => tried.split(' ').filter((each) => each !== '')
