import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { KeptFile } from '../kept-file.ts'
import type { Program } from '../pty/pty-process.ts'
import { BASH_SCRIPT } from './bash-script.ts'
import { FISH_SCRIPT } from './fish-script.ts'
import { ZSH_SCRIPT } from './zsh-script.ts'

/** `ask`: off until an app that may type says yes, once for the machine. */
export const INTEGRATION_CHOICES = ['on', 'off', 'ask'] as const
export type IntegrationChoice = (typeof INTEGRATION_CHOICES)[number]

const FOLDER = 'shell-integration'
const CHOICE_FILE = 'shell-integration.choice'
const FOR_OWNER = { folder: 0o700, file: 0o600 }

/**
 * Makes shells of new terminals tell of their prompts and commands. Only arguments and environment of the shell's process
 * differ, and the scripts are in the runner's state folder: no file of the user is written, so that nothing has to be undone.
 */
export class ShellIntegration {
  readonly #stateFolder: string | null
  readonly #file: KeptFile | null
  readonly #onTrouble: (message: string) => void
  #choice: IntegrationChoice

  /** @param options.stateFolder null: there is no integration. `wanted`: the owner's setting, which counts before the answer of an app */
  constructor(options: {
    readonly stateFolder: string | null
    readonly wanted: IntegrationChoice
    readonly onTrouble: (message: string) => void
  }) {
    this.#stateFolder = options.stateFolder
    this.#onTrouble = options.onTrouble
    this.#file = options.stateFolder === null ? null : new KeptFile(join(options.stateFolder, CHOICE_FILE))
    const answer = this.#file?.read()?.toString('utf8')
    const answered = answer === 'on' || answer === 'off' ? answer : 'ask'
    this.#choice = this.#file === null ? 'off' : options.wanted === 'ask' ? answered : options.wanted
    this.#prepare()
  }

  get choice(): IntegrationChoice {
    return this.#choice
  }

  /** An app's answer; it is kept. Nothing when the owner has decided already. */
  async answer(on: boolean): Promise<void> {
    if (this.#choice !== 'ask') return
    this.#choice = on ? 'on' : 'off'
    this.#prepare()
    try {
      await this.#file?.write(this.#choice)
    } catch (problem) {
      this.#onTrouble(`The answer about shell integration was not kept: ${String(problem)}`)
    }
  }

  /** The program of a new terminal: an integrated shell if it is wanted and known here, else as it is. */
  program(program: Program): Program {
    if (this.#choice !== 'on' || this.#stateFolder === null) return program
    const folder = join(this.#stateFolder, FOLDER)
    const isLogin = program.args.includes('-l')
    switch (basename(program.file)) {
      case 'bash':
        return {
          ...program,
          args: ['--rcfile', join(folder, 'bashrc')],
          env: { ...program.env, ...(isLogin ? { LATCHKEY_LOGIN_SHELL: '1' } : {}) },
        }
      case 'zsh': {
        const own = program.env['ZDOTDIR']
        const kept = own === undefined ? {} : { LATCHKEY_ZDOTDIR: own }
        return { ...program, env: { ...program.env, ...kept, ZDOTDIR: join(folder, 'zsh') } }
      }
      case 'fish':
        return {
          ...program,
          args: [...program.args, '--init-command', `source ${quoted(join(folder, 'integration.fish'))}`],
        }
      default:
        return program
    }
  }

  /** Writes the scripts, or removes those of before. */
  #prepare(): void {
    if (this.#stateFolder === null) return
    const folder = join(this.#stateFolder, FOLDER)
    try {
      if (this.#choice !== 'on') return rmSync(folder, { recursive: true, force: true })
      mkdirSync(join(folder, 'zsh'), { recursive: true, mode: FOR_OWNER.folder })
      const write = (name: string, text: string) =>
        writeFileSync(join(folder, name), text, { mode: FOR_OWNER.file })
      write('bashrc', BASH_SCRIPT)
      write('zsh/.zshenv', ZSH_SCRIPT)
      write('integration.fish', FISH_SCRIPT)
    } catch (problem) {
      this.#choice = 'off'
      this.#onTrouble(`Shells are started without integration: ${String(problem)}`)
    }
  }
}

/** For fish, whose single quotes know two escapes. */
const quoted = (path: string): string => `'${path.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
