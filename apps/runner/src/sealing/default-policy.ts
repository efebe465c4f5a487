/** Every app of ours seals: one that cannot is let in only where the machine's owner says so. */
export const ALLOW_UNSEALED_BY_DEFAULT = false
