/** What the console says about the apps that a machine knows, in English. */
export const knownAppsEn = {
  show: (machine: string) => `Apps of ${machine}`,
  asking: (machine: string) => `Asking ${machine}…`,
  none: (machine: string) => `${machine} knows no app yet.`,
  types: 'May type',
  watches: 'View only',
  unsealed: 'Not sealed',
  hereNow: 'Here now',
  thisBrowser: 'This browser',
  notIn: (machine: string) => `${machine} has not let it in`,
  silent: (machine: string) => `${machine} did not list its apps. This list is the broker’s.`,
  held: 'shut out: two apps used its keys',
  lastHere: (when: string) => `Last here ${when}`,
  more: (app: string) => `More about ${app}`,
  rename: 'Rename',
  renameTitle: (app: string) => `Rename ${app}`,
  name: 'Name',
  renameYes: 'Save',
  revoke: 'Revoke',
  revokeTitle: (app: string) => `Revoke ${app}?`,
  revokeText: (machine: string) =>
    `${machine} ends its connection within a second and refuses its key for ever. Programs that run there go on. To return, it has to be paired anew, with the PIN on the machine’s screen.`,
  revokeAll: 'Revoke all',
  revokeAllTitle: (machine: string) => `Revoke every app of ${machine}?`,
  lock: 'Lock pairing',
  lockTitle: (machine: string) => `Lock pairing at ${machine}?`,
  lockText: (machine: string) =>
    `Known apps come in as before. Only the owner can undo it, at ${machine} itself: a broker that could unlock a machine could let itself in.`,
  lockedOwner: (machine: string) => `${machine} lets no new app in. It is unlocked there, with`,
  lockedGuessing: (machine: string) =>
    `${machine} lets no new app in, after too many wrong PINs. It is unlocked there, with`,
  troubles: {
    RUNNER_OFFLINE: (machine: string) => `${machine} is not connected. Only the machine can do this.`,
    TIMEOUT: (machine: string) => `${machine} did not answer in time. Whether it was done is not known.`,
    NO_SUCH_APP: (machine: string) => `${machine} does not know this app any more.`,
    other: (machine: string) => `${machine} could not do this.`,
  },
}
