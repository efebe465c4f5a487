/** Until every app of ours seals, those that do not are let in, and shown as such. */
export const ALLOW_UNSEALED_BY_DEFAULT = true
