import type { Says } from './says.ts'

/** What needs a person: the list, questions of agents and what became of the answers. */
export const attentionEn = {
  show: 'Show',
  needsMe: 'Needs me',
  machines: 'Machines',
  title: (count: number) =>
    count === 0 ? 'Nothing needs you' : count === 1 ? 'One needs you' : `${count} need you`,
  empty: 'What asks, fails or ends while you are away comes here.',
  lead: (failed: number, done: number) =>
    failed === 0 && done === 0
      ? ''
      : failed === 0
        ? `${done} done.`
        : done === 0
          ? `${failed} failed.`
          : `${failed} failed, ${done} done.`,
  terminals: (terminals: number, machines: number) =>
    `${terminals === 1 ? '1 terminal' : `${terminals} terminals`} on ${machines === 1 ? '1 machine' : `${machines} machines`}.`,
  states: {
    'needs-you': 'Needs you',
    failed: 'Failed',
    done: 'Done',
    working: 'Working',
    idle: 'Idle',
  },
  said: {
    'needs-you': 'needs you',
    failed: 'failed',
    done: 'done',
    working: 'working',
    idle: 'idle',
  },
  sectionNotes: { 'needs-you': 'ends first', failed: 'not looked at', done: 'not looked at' },
  idleCount: (count: number) => `${count} idle`,
  lastLines: 'Last lines',
  exit: (code: number) => `exit ${code}`,
  left: (span: string) => `${span} left`,
  open: 'Open',
  answer: 'Answer',
  more: (count: number) => (count === 1 ? 'one more question' : `${count} more questions`),
  asks: {
    command: 'Asks to run',
    edit: 'Asks to edit',
    tool: 'Asks to use a tool',
    other: 'Asks',
  },
  wants: {
    permission: 'Wants your permission',
    question: 'Asks you something',
    auth: 'Wants you to sign in',
    other: 'Waits for you',
  },
  grown: (title: string, machine: string) => `${title} on ${machine} needs you.`,
  offline: (machine: string) => `${machine} is offline. What is shown of it is old.`,
  notLinked: (machine: string) => `${machine} is not connected here.`,
  looking: (machine: string) => `Connecting to ${machine}…`,
  noStatus: (machine: string) => `${machine} has an older Latchkey: it does not tell what its terminals do.`,

  question: {
    label: 'The question',
    /** verbs of our adapters, as they come from machines; other agents bring their own */
    choices: { Allow: 'Allow once', Deny: 'Decline', 'Deny and stop': 'Decline and stop' },
    none: 'Choose a question to read it here.',
    titles: {
      command: 'Run this command?',
      edit: (files: number) => (files === 1 ? 'Change 1 file?' : `Change ${files} files?`),
      tool: 'Use this tool?',
      other: 'Allow this?',
    },
    who: (agent: string, at: string | null, machine: string) =>
      at === null ? `${agent} on ${machine}` : `${agent} in ${at} on ${machine}`,
    closeLater: 'Close and decide later',
    folder: 'Folder',
    asked: 'Asked',
    files: 'Files',
    says: (agent: string) => `${agent} says:`,
    wholeCommand: (lines: number) => `The whole text, ${lines === 1 ? '1 line' : `${lines} lines`}`,
    changesTo: (file: string, lines: number) =>
      `Changes to ${file}, ${lines === 1 ? '1 line' : `${lines} lines`}`,
    linesFrom: (from: number, to: number) => (from === to ? `line ${from}` : `lines ${from} to ${to}`),
    added: 'added',
    removed: 'removed',
    moreLines: (lines: number) => (lines === 1 ? '1 more line' : `${lines} more lines`),
    marked: (count: number, marks: string) =>
      `${count === 1 ? '1 hidden character' : `${count} hidden characters`}, shown as ${marks}.`,
    all: (lines: number, characters: number) =>
      `This is all of it: ${lines === 1 ? '1 line' : `${lines} lines`}, ${characters} characters.`,
    deskToo: (machine: string) => `${machine}’s own screen asks too. The first answer counts.`,
    notSeenYet: 'The end has not been on the screen yet',
    timeLeft: (span: string) => `${span} left, then only the desk decides`,
    timeOver: 'The time is over: only the desk decides.',
    noTime: 'It waits until it is answered, here or at the desk.',
    lookOnly: (machine: string) =>
      `The owner of ${machine} lets this app look, not answer. The desk decides.`,
    deskOnly: (why: string) => `Only the desk can answer this: ${why}`,
    away: (machine: string) => `No link to ${machine}. It can be answered when the link is back.`,
    waiting: (count: number) => (count === 2 ? 'Two questions wait' : `${count} questions wait`),
    eachItself: 'Each is answered for itself',
    openTerminal: 'Open the terminal',
    done: 'Done',
    close: 'Close',
    tryLink: 'Try the link now',
    look: 'Look',
    barAsks: (agent: string, kind: string) =>
      kind === 'command'
        ? `${agent} asks to run a command`
        : kind === 'edit'
          ? `${agent} asks to edit`
          : `${agent} asks`,
    goneTitle: 'This question is over',
    goneText: (machine: string) => `${machine} does not ask it any more. Nothing was decided here.`,
  },

  stages: {
    sending: (machine: string) => ['Sending your answer', `${machine} has not confirmed it yet.`],
    unsure: (machine: string) => [
      'No link: not confirmed',
      `The link was lost before ${machine} confirmed your answer. It shows when the link is back.`,
    ],
    sent: (machine: string) => [
      'Sent, not decided yet',
      `${machine} has your answer. Whether it came first shows in a moment.`,
    ],
    notSent: (machine: string) => [
      'Not sent: no link',
      `${machine} has not seen your answer, so nothing is allowed. It is not kept: when the link is back you are asked again.`,
    ],
    running: (machine: string) => [
      'Allowed, not finished yet',
      `It is allowed on ${machine}. You can close this; the result comes to the list.`,
    ],
    ran: () => ['Allowed and done', 'It ran to its end.'],
    failed: () => ['Allowed, but it failed', 'It was allowed and did not end well. The terminal shows why.'],
    deny: (agent: string) => ['Declined', `${agent} was told no and goes on.`],
    stop: (agent: string) => ['Stopped', `${agent} stopped its turn and waits at the desk.`],
    no: (agent: string) => ['Not allowed', `${agent} did not do it.`],
    otherwise: (machine: string) => [
      'The desk decided otherwise',
      `Your answer came second and did nothing. ${machine} decided without it.`,
    ],
    desk: () => [
      'Answered at the desk',
      'Somebody at the machine answered it. There is nothing left to answer.',
    ],
    otherApp: () => ['Answered in another app', 'There is nothing left to answer.'],
    decided: () => ['Already decided', 'There is nothing left to answer.'],
    over: (agent: string) => [
      'Ended without an answer',
      `${agent} does not ask any more. Nothing was allowed here.`,
    ],
    forgotten: (machine: string) => [
      'Not asked any more',
      `${machine} came back without this question. Nothing was allowed from here.`,
    ],
    forgottenAnswer: (machine: string) => [
      'Not asked any more',
      `${machine} came back without this question. Whether your answer counted is not known: look at the terminal.`,
    ],
  } satisfies Readonly<Record<string, (name: string) => Says>>,
  outcomes: {
    allowed: 'It was allowed.',
    denied: 'It was declined, and did not run.',
    ran: (exit: number | null) => (exit === null ? 'It ran.' : `It ran and ended with exit ${exit}.`),
    failed: (exit: number | null) => (exit === null ? 'It failed.' : `It ran and ended with exit ${exit}.`),
    unknown: '',
  },
  refused: {
    UNKNOWN: 'The machine does not know this question any more.',
    EXPIRED: 'The time for an answer was over. Only the desk decides.',
    ALREADY_DECIDED: 'It was already decided.',
    ALTERED: 'The question had changed since it was shown here.',
    NOT_ALLOWED: 'The owner of the machine does not let this app answer.',
    AMBIGUOUS: 'The machine could not tell which terminal asks. Answer at the desk.',
    AGENT_GONE: 'The agent has ended.',
    DECIDED_OTHERWISE: 'It was decided otherwise.',
  },
  refusedTitle: 'Your answer was not taken',
  refusedNothing: 'Nothing was allowed by it.',

  steps: {
    list: 'Steps',
    asked: 'Asked',
    askedText: (agent: string) => `${agent} waits`,
    pushed: 'Pushed',
    pushedText: 'Your push service took it',
    seen: 'Seen',
    seenText: 'Opened in an app',
    sent: 'Sent',
    sentText: (machine: string) => `${machine} has it`,
    sending: 'On its way',
    notSent: 'Not sent',
    notConfirmed: 'Not confirmed',
    second: 'Your answer was not taken',
    decided: 'Decided',
    deciding: 'Being decided',
    decidingText: (machine: string) => `${machine} looks which answer came first`,
    decidedHere: 'Decided here',
    decidedDesk: 'Decided at the desk',
    decidedOther: 'Decided in another app',
    ran: 'Ran',
    ranExit: (code: number) => `Ran, exit ${code}`,
    running: 'Not finished yet',
    declined: 'Declined',
    failed: 'Failed',
    over: 'Ended',
  },

  integrate: {
    item: 'Tell when commands end',
    title: 'Let shells tell when commands end?',
    text: (machine: string) =>
      `New shells on ${machine} then tell when a command begins and ends, and with which exit. None of your files is changed.`,
    yes: 'Let them tell',
  },

  guarded: {
    title: (program: string) => `${program} waits for a key`,
    note: 'A key is typed only if the machine still shows these rows.',
    key: (name: string) => `Type ${name}`,
    typed: (name: string) => `${name} was typed.`,
    notTyped: 'Nothing was typed',
    movedTitle: 'The screen moved on',
    moved: (name: string, machine: string) =>
      `You tapped ${name}, but these rows are no longer what ${machine} shows. Nothing was typed.`,
    justMoved: 'The screen had just changed. Nothing was typed: look again.',
    noAnswer: (machine: string) =>
      `${machine} did not answer. Whether the key was typed is not known: look at the screen.`,
    before: 'You answered this',
    now: (machine: string) => `${machine} shows this now`,
    lookTerminal: 'Look at the terminal',
    keys: 'Keys for this question',
    enter: 'Enter',
    escape: 'Esc',
    up: 'Up',
    down: 'Down',
    left: 'Left',
    right: 'Right',
    show: 'Keys',
    hide: 'Hide the keys',
  },
}
