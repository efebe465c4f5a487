import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const COLS = 40
export const ROWS = 12

/** What a pane of tmux knows of its screen besides the rows. */
const STATE = [
  'cursor #{cursor_x},#{cursor_y}',
  'region #{scroll_region_upper}-#{scroll_region_lower}',
  'insert #{insert_flag} wrap #{wrap_flag} origin #{origin_flag}',
  'keypad #{keypad_flag} keys #{keypad_cursor_flag}',
  'mouse #{mouse_any_flag}#{mouse_standard_flag}#{mouse_button_flag}#{mouse_all_flag}#{mouse_sgr_flag}',
  'text #{pane_fg} background #{pane_bg}',
  'shown #{cursor_flag} second #{alternate_on} tabs #{pane_tabs}',
].join(' ')
/** tmux tells line drawing as its letters, between SO and SI: the ones that are tested. */
const LINES: Readonly<Record<string, string>> = { l: '┌', k: '┐', q: '─', x: '│' }
const WAIT_MS_MAX = 30_000
const LOOK_EVERY_MS = 10

/** What can be seen in a pane, and what decides how the next output looks. */
export interface Look {
  readonly title: string
  readonly state: string
  readonly rows: readonly string[]
}

/** A tmux of its own: an emulator that is not ours, as people attach in. */
export class Tmux {
  readonly #folder = mkdtempSync(join(tmpdir(), 'latchkey-tmux-'))
  #drawn = 0

  constructor() {
    this.#do('new-session', '-d', '-x', `${COLS}`, '-y', `${ROWS}`, 'exec sleep 3600')
    this.#do('set', '-g', 'default-size', `${COLS}x${ROWS}`)
    this.#do('set', '-g', 'status', 'off')
    this.#do('set', '-g', 'remain-on-exit', 'on')
  }

  /** Prints `text` on an empty pane; tells how it looks once tmux has drawn all of it. */
  async look(text: string): Promise<Look> {
    const printed = join(this.#folder, `${++this.#drawn}`)
    writeFileSync(printed, text)
    // The answer to "are you well" comes after all that was printed before the question.
    const script = `stty raw -echo; cat ${printed}; printf '\\033[5n'; head -c 4 >/dev/null; : >${printed}.done; exec sleep 3600`
    const pane = this.#do('new-window', '-d', '-P', '-F', '#{pane_id}', `sh -c "${script}"`).trim()
    for (let waitedMs = 0; !existsSync(`${printed}.done`); waitedMs += LOOK_EVERY_MS) {
      if (waitedMs > WAIT_MS_MAX) throw new Error(`tmux did not draw ${JSON.stringify(text)}`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
    const title = this.#do('display-message', '-p', '-t', pane, '#{pane_title}').trim()
    const state = this.#do('display-message', '-p', '-t', pane, STATE).trim()
    const rows = this.#do('capture-pane', '-p', '-e', '-t', pane)
      .replaceAll(/\x0e([^\x0f]*)\x0f?/g, (_, drawn: string) =>
        drawn.replaceAll(/[lkqx]/g, (letter) => LINES[letter] ?? letter),
      )
      .split('\n')
    this.#do('kill-pane', '-t', pane)
    return { title, state, rows }
  }

  end(): void {
    this.#do('kill-server')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #do(...args: readonly string[]): string {
    try {
      return execFileSync('tmux', ['-f', '/dev/null', '-S', join(this.#folder, 'socket'), ...args], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8', TMUX: '', TERM: 'xterm-256color' },
      })
    } catch (problem) {
      throw new Error('This test needs tmux (Debian: apt-get install tmux).', { cause: problem })
    }
  }
}
