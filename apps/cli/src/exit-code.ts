/** How the command line ends; scripts may rely on these. */
export const EXIT = {
  ended: 0,
  failed: 1,
  badUsage: 2,
  brokerUnreachable: 3,
  refused: 4,
  versionTooOld: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
