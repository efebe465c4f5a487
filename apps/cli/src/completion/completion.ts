import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { version } from '../version.ts'
import { manPage } from './man-page.ts'
import { completionScript, SHELLS } from './scripts.ts'

/** `latchkey completion SHELL`. @param commands all of them, this one included */
export const completionCommand = (commands: () => readonly Command[]): Command => ({
  name: 'completion',
  summary: 'print the completion of these commands for a shell',
  words: SHELLS.join('|'),
  wordsMax: 1,
  examples: [
    { line: 'source <(latchkey completion bash)', does: 'in ~/.bashrc' },
    { line: 'source <(latchkey completion zsh)', does: 'in ~/.zshrc, after compinit' },
    { line: 'latchkey completion fish | source', does: 'in ~/.config/fish/config.fish' },
  ],
  options: {},
  run: async (call) => {
    const shell = SHELLS.find((each) => each === call.words[0])
    if (shell === undefined) {
      call.complain(`Say for which shell: latchkey completion ${SHELLS.join('|')}.`)
      return EXIT.badUsage
    }
    call.print(completionScript(shell, commands()))
    return EXIT.ended
  },
})

/** `latchkey man`. @param commands all of them, this one included */
export const manCommand = (commands: () => readonly Command[]): Command => ({
  name: 'man',
  summary: 'print the manual page',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey man | man -l -', does: 'read it' },
    { line: 'latchkey man > ~/.local/share/man/man1/latchkey.1', does: 'install it: man latchkey' },
    { line: 'latchkey up --help', does: 'the help of one command' },
  ],
  options: {},
  run: async (call) => {
    call.print(manPage(commands(), version))
    return EXIT.ended
  },
})
