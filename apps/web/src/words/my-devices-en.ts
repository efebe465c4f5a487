/** What the pages say about the devices and machines of one owner, in English. */
export const myDevicesEn = {
  title: 'My devices',
  link: 'My devices',
  lead: 'Let each of your devices open your machines with one tap. Begin on the device that you always have: its key signs the list, and never leaves it.',
  leadOwn:
    'These devices open these machines with one tap. Each machine decides, by the newest list that it has seen.',
  thisDevice: 'This device’s number:',
  machines: 'Machines',
  add: 'Add',
  cannotKeep: 'This browser keeps nothing, so it cannot be the owner’s device.',
  states: {
    away: 'Not connected now',
    free: 'Opened by each device’s own pairing',
    ours: 'Opened by your devices',
    denied: 'Yours, and asks each device for a PIN',
    other: 'Belongs to another owner. To change that, on it: latchkey fleet leave',
  },
  devices: 'Devices',
  owner: 'signs the list',
  types: 'may type',
  looks: 'may look',
  remove: 'Remove',
  waiting: 'Paired, not on the list',
  waitingText:
    'Compare the number with the one on that device’s own page “My devices”. It then opens every machine above.',
  letLook: 'Look',
  letType: 'Type',
  ages: {
    fresh: (number: number, at: string, until: string) =>
      `List ${number}, signed ${at}, good until ${until}.`,
    old: (number: number, at: string, until: string) =>
      `List ${number} was signed ${at}, and is good until ${until}. A newer one may have been withheld: open this page on the device that signs.`,
    over: (number: number, at: string, _until: string) =>
      `List ${number} was signed ${at} and opens nothing any more. Open this page on the device that signs.`,
  },
  leave: 'Forget this list',
  notOpened: 'Not opened from this device yet',
  opening: 'Opening…',
  notReached: 'It is offline, or does not let your devices in. Pair by its code, or try again.',
  open: 'Open',
}
