import type { EndReason } from '@latchkey/connection/app/link-state'
import { accountListEn } from './account-list-en.ts'
import { attentionEn } from './attention-en.ts'
import { auditEn } from './audit-en.ts'
import { filesEn } from './files-en.ts'
import { fleetEn } from './fleet-en.ts'
import { joinEn } from './join-en.ts'
import { keyBarEn } from './key-bar-en.ts'
import { myDevicesEn } from './my-devices-en.ts'
import { noticesEn } from './notices-en.ts'
import { operatorWords } from './operator-words.ts'
import { pastEn } from './past-en.ts'
import { programsEn } from './programs-en.ts'
import { pushEn } from './push-en.ts'
import { readerEn } from './reader-en.ts'
import type { Says } from './says.ts'
import { scanEn } from './scan-en.ts'
import { sealEn } from './seal-en.ts'
import { selectionEn } from './selection-en.ts'
import { shareEn } from './share-en.ts'
import { tabsEn } from './tabs-en.ts'
import { typingEn } from './typing-en.ts'
import { webhooksEn } from './webhooks-en.ts'

/** Every sentence of the pages, in English. The other languages have the same shape: a missing one does not compile. */
export const en = {
  tag: 'en',

  brand: 'Latchkey',
  menu: 'Menu',
  close: 'Close',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  tryAgain: 'Try again',
  language: 'Language',
  theme: 'Theme',
  themeSystem: 'System',
  themeDark: 'Dark',
  themeLight: 'Light',
  settings: 'Settings',
  loading: 'Opening…',
  reload: 'Reload',
  pageBroke: 'This page stopped working.',
  pageBrokeNext: 'Reload it; your terminals keep running.',
  awake: 'Keep the screen on',
  awakeOn: 'While something runs',
  awakeOff: 'Off',
  aboutInstall: 'Install as an app',
  aboutInstallHere: 'Use your browser’s menu: “Add to Home screen” or “Install”.',
  aboutInstallNotHere:
    'Browsers install pages only from HTTPS or localhost. On this plain HTTP address pasting by a button, the live camera, opening without a network and installing are missing; everything else works.',
  storageOff:
    'This browser keeps nothing for this page (private mode?), so machines are forgotten when it closes.',

  nowhere: {
    title: 'There is no page here',
    lead: 'The address may be mistyped, or from another version.',
    home: 'To the beginning',
  },

  pair: {
    title: 'Pair with a machine',
    lead: 'Type the code shown on the machine.',
    leadFromLink: 'The code came with the link. Compare it with the machine’s screen, then press Pair.',
    field: 'Pairing code',
    hint: 'Nine characters. Small letters and missing dashes are fine.',
    button: 'Pair',
    busy: 'Pairing…',
    paste: 'Paste code',
    pasteEmpty: 'There is no code in the clipboard. Copy it on the machine, or type it.',
    openAgain: 'Open again',
    where: 'The machine shows a code after',
    refused: {
      incomplete: ['A code has nine characters.', 'Compare it with the machine’s screen.'],
      unknown: ['No machine is showing this code.', 'Check the nine characters, or ask for a new code.'],
      ended: ['This code has ended.', 'A new one is on the machine’s screen.'],
      'machine-offline': ['The machine is offline.', 'Wake it or check its network, then try again.'],
      'no-broker': [
        'The broker does not answer.',
        'Check that this phone is in the same network, then try again.',
      ],
      'no-network': ['This phone has no network.', 'Pair when the network is back.'],
    } satisfies Readonly<Record<string, Says>>,
    banned: 'Too many tries.',
    bannedUntil: (clock: string) => `You can try again at ${clock}.`,
    inTime: (span: string) => `in ${span}`,
    banOver: 'You can try again now.',
    failed: 'Pairing failed.',
    codeStays: 'Your code stays here.',
  },

  machines: {
    title: 'Your machines',
    lead: 'You can open them here without a code.',
    pairOne: 'Pair a machine',
    online: 'Online',
    looking: 'Looking for it…',
    offlineSince: (clock: string) => `Offline since ${clock}`,
    brokerSilent: 'The broker does not answer',
    pairingEnded: 'No longer paired',
    signedOut: 'This device is no longer signed in',
    pinWanted: 'Waiting for its PIN',
    terminals: (count: number) => (count === 1 ? '1 terminal' : `${count} terminals`),
    noTerminals: 'no terminal open',
    more: (machine: string) => `More for ${machine}`,
    forget: 'Forget this machine',
    forgetTitle: (machine: string) => `Forget ${machine}?`,
    forgetText: 'This browser gives up its access. Terminals there keep running; a new code brings it back.',
    forgetYes: 'Forget',
    pairAgain: 'Pair again',
  },

  link: {
    live: 'Live',
    connecting: 'Connecting',
    catchingUp: 'Catching up',
    reconnecting: 'Reconnecting',
    offlineSince: (clock: string) => `Offline since ${clock}`,
    ended: 'Ended',
    unpaired: 'Not paired',
    refused: 'Not let in',
    legs: (broker: string, machine: string) => `${broker} + ${machine} ms`,
    liveSaid: (broker: string, machine: string, name: string) =>
      `${broker} milliseconds from here to the broker, ${machine} milliseconds from the broker to ${name}.`,
    details: 'Connection',
    you: 'This page',
    broker: 'Broker',
    roundTrip: (ms: string) => `${ms} ms there and back`,
    notSealed: 'Not sealed',
    notSealedText:
      'The connection is not sealed yet: the operator of the broker, or a listener on a plain HTTP network, could read this terminal.',
    noLinkSince: (clock: string) => `No link since ${clock}`,
    keepsRunning: (machine: string) => `${machine} keeps running; what you type waits here.`,
    keepsRunningWaiting: (machine: string, count: number) =>
      `${machine} keeps running. ${count === 1 ? '1 character waits' : `${count} characters wait`} here until the link is back.`,
    reconnectNow: 'Reconnect now',
    nextTryIn: (seconds: number) => `next try in ${seconds} s`,
    tryingNow: 'trying now',
    machineAway: (machine: string) => `${machine} is away.`,
    machineAwayText: 'If its program restarts, its terminals are here again in a few seconds.',
    machineOffline: (machine: string) => `${machine} is offline.`,
    machineOfflineText: (clock: string) => `It was last seen at ${clock}. Wake it or check its network.`,
    machineOfflineUntil: (clock: string) => `Its pairing holds until ${clock}.`,
    connectingTo: (machine: string) => `Connecting to ${machine}…`,
    ends: {
      unpaired: (machine: string) => [
        `${machine} is no longer paired with this browser.`,
        'Its program ended, or its owner let this app go. Pair again with a new code.',
      ],
      superseded: () => [
        'This machine is open in another window.',
        'Go on here; the other window disconnects.',
      ],
      version: () => [
        'This page and the machine do not speak the same version.',
        'Reload; if that does not help, update Latchkey on the machine.',
      ],
      'sealing-required': () => [
        'This machine admits sealed connections only.',
        'Update the broker’s pages.',
      ],
      'not-a-node': (machine: string) => [
        'This device is no longer signed in here.',
        `It was revoked in the console, or not used for 30 days. Join again with a link from there, or pair with ${machine} anew by its code.`,
      ],
      closed: () => ['This connection was closed.', ''],
    } satisfies Readonly<Record<EndReason, (machine: string) => Says>>,
    goOnHere: 'Go on here',
    failure: {
      unreachable: 'The broker could not be reached.',
      timeout: 'The broker did not answer in time.',
      refused: 'The broker refused the connection.',
    },
  },

  get linking() {
    return operatorWords().accountsEn
  },
  attention: attentionEn,
  get install() {
    return operatorWords().installEn
  },
  files: filesEn,
  myDevices: myDevicesEn,
  past: pastEn,
  typing: typingEn,
  push: pushEn,
  scan: scanEn,
  seal: sealEn,
  tabs: tabsEn,
  share: shareEn,

  term: {
    allMachines: 'All machines',
    menu: 'Terminal menu',
    tabs: (machine: string) => `Terminals on ${machine}`,
    newOne: 'New terminal',
    newOutput: 'new output',
    ended: 'ended',
    screenOf: (name: string) => `Screen of ${name}. Open the reader view for text.`,
    unnamed: (number: number) => `Terminal ${number}`,
    none: 'No terminal is open.',
    noneNext: (machine: string) => `Open one to start a shell on ${machine}.`,
    compose: 'Line to send',
    composeHint: 'Write a line',
    composeHeld: 'Held until the link is back',
    send: 'Send',
    keys: 'Keys',
    moreKeys: 'More keys',
    rename: 'Rename',
    record: 'Record on the machine',
    recordStop: 'End the recording',
    recorded: 'Recording',
    renameTitle: 'Rename terminal',
    name: 'Name',
    save: 'Save',
    closeOne: 'Close terminal',
    closeTitle: (name: string) => `Close ${name}?`,
    closeText: 'Its program is ended on the machine, for everyone who watches.',
    closeYes: 'Close terminal',
    reader: 'Reader',
    readerOpen: 'Reader view',
    paste: 'Paste',
    pasteHere: 'Text to paste',
    pasteHereHint: 'This address gives pages no clipboard. Long-press here and choose Paste.',
    pasteTitle: (lines: number) => (lines === 1 ? 'Paste this text?' : `Paste ${lines} lines?`),
    pasteControl: 'It has control characters, which a program could act on. They are replaced by signs.',
    pasteText: 'The program may run each line as it arrives.',
    pasteYes: 'Paste',
    textLarger: 'Larger text',
    textSmaller: 'Smaller text',
    textSize: (px: number) => `Text ${px} px`,
    keyboard: 'Keyboard',
    takeSize: 'Take size',
    sizedFor: 'Sized for',
    sizedForWindow: 'sized for this window',
    sizedForOther: (label: string) => `sized for ${label}`,
    anotherApp: 'another app',
    followCursor: 'Follow cursor',
    fit: 'Fit',
    howToShow: 'How to show a wider screen',
    watching: (label: string) => `${label} is watching`,
    watchingMany: (count: number) => (count === 1 ? 'One other is watching' : `${count} others are watching`),
    viewOnly: 'View only',
    viewOnlyText: (machine: string) => `The owner of ${machine} lets this app watch, not type.`,
    jumpToEnd: 'Jump to end',
    earlier: 'Earlier lines',
    earlierLoading: 'Loading…',
    gap: (size: string) => `${size} passed while you were away`,
    dismiss: 'Dismiss',
    exited: (code: number) =>
      code === 0 ? 'The program has ended.' : `The program has ended with exit ${code}.`,
    exitedSignal: (signal: number) => `The program was ended by signal ${signal}.`,
    allReceived: (machine: string) => `All input received by ${machine}`,
    onTheWay: (count: number) => (count === 1 ? '1 character on the way' : `${count} characters on the way`),
    full: {
      waiting: 'A long paste is on its way. What you type waits behind it.',
      refused:
        'Too much is waiting. Nothing of your last paste was sent: paste it again when the rest has arrived.',
      'too-large':
        'That is more than 1 MB. Nothing of it was sent: paste it in parts, or put it into a file.',
    },
    wayOut: (keys: string) => `${keys} leaves the terminal.`,
    wayOutShort: (keys: string) => `${keys} leaves`,
    larger: 'The screen is larger than this window. Arrow keys move it.',
    showBars: 'Show header and tabs',
    showKeys: 'Show the keys',
    scrollProgram: 'Scrolls the program',
    scrollHere: 'Scrolls the lines here',
    copyTitle: (name: string, lines: number) =>
      `${name} wants to copy ${lines === 1 ? '1 line' : `${lines} lines`}`,
    copyText: (machine: string) =>
      `To the clipboard of this device. Programs on ${machine} can never read it.`,
    copyLines: 'What would be copied',
    copyAlways: (machine: string) => `From now on without asking, for ${machine}`,
    copyNot: 'Not now',
    copyYes: (lines: number) => (lines === 1 ? 'Copy 1 line' : `Copy ${lines} lines`),
    copyDone: (name: string, machine: string, lines: number) =>
      `${name} on ${machine} copied ${lines === 1 ? '1 line' : `${lines} lines`}`,
    copyAskAgain: 'Ask again before programs copy',
    copyRefused: 'This browser gives pages no clipboard here.',
    cannotOpen: 'The terminal could not be opened.',
    held: 'Send what you wrote while away?',
    heldText: (span: string, machine: string) =>
      `It has waited for ${span}; ${machine} has not seen it yet. The screen may have changed since.`,
    heldHidden: (count: number) => `${count} characters, not shown: the program asked for a password.`,
    discard: 'Discard',
    sendTo: (machine: string) => `Send to ${machine}`,
  },

  reader: readerEn,

  keyBar: keyBarEn,
  selection: selectionEn,

  keys: {
    slash: 'Slash',
    up: 'Up',
    down: 'Down',
    left: 'Left',
    right: 'Right',
    pipe: 'Pipe',
    interrupt: 'Interrupt, Control C',
    tilde: 'Tilde',
    dash: 'Dash',
    underscore: 'Underscore',
    backspace: 'Backspace',
    endOfInput: 'End of input, Control D',
    suspend: 'Suspend, Control Z',
    shiftTab: 'Shift Tab',
    locked: (key: string) => `${key}, locked`,
    newLine: 'New line, Shift Enter',
    paste: 'Paste',
    colon: 'Colon',
    at: 'At sign',
    bang: 'Exclamation mark',
    space: 'Space',
    save: 'Save, colon w',
    quit: 'Quit, colon q',
    saveAndQuit: 'Save and quit, colon w q',
    quitAnyway: 'Quit and lose changes, colon q and exclamation mark',
    newWindow: 'New window, Control B c',
    nextWindow: 'Next window, Control B n',
    lastWindow: 'Previous window, Control B p',
    copyMode: 'Copy mode, Control B bracket',
    detach: 'Detach, Control B d',
    zoomPane: 'Zoom pane, Control B z',
    nextPane: 'Next pane, Control B o',
    nextOnly: (key: string) => `${key}, next key only`,
    heldDown: (key: string) => `${key}, held down`,
    again: (key: string) => `${key}: tap again to type it`,
  },

  get console() {
    return operatorWords().consoleEn
  },

  get devices() {
    return operatorWords().devicesEn
  },
  fleet: fleetEn,
  audit: auditEn,
  programs: programsEn,
  webhooks: webhooksEn,
  accountList: accountListEn,
  notices: noticesEn,

  join: joinEn,
  get knownApps() {
    return operatorWords().knownAppsEn
  },

  span: {
    seconds: (s: number) => `${s} s`,
    minutes: (m: number, s: number) => (s === 0 ? `${m} min` : `${m} min ${s} s`),
    hours: (h: number, m: number) => (m === 0 ? `${h} h` : `${h} h ${m} min`),
    days: (d: number, h: number) => (h === 0 ? `${d} d` : `${d} d ${h} h`),
  },
}

/** Literal texts widen to `string`, so that another language fits. */
export type Words = typeof en
