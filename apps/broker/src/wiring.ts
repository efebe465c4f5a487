/** The tokens under which the founding services ask a NestJS application for their values. */
export const PAIRING_STORE = Symbol('PairingStore')
export const PAIRING_RULES = Symbol('PairingRules')
/** How many codes are tried before registering one is given up. */
export const CODE_TRIES_MAX = Symbol('CodeTriesMax')
/** What new codes are made of. */
export const CODE_ALPHABET = Symbol('CodeAlphabet')
