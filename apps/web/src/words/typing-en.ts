/** What the pages say about typing, in English. */
export const typingEn = {
  echo: 'Echo of your keys',
  echoText:
    'Where the machine is more than 30 ms away, letters are shown before it answers. Never while a password is read.',
  echoAuto: 'Ahead on slow links',
  echoOff: 'Off',
  toAgent: 'Write to the agent',
  suggest: 'Write or speak a message here',
  suggestNo: 'Keep to the keys',
}
