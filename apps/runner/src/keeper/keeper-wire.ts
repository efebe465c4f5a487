import { assertNever } from '@latchkey/domain/kernel'
import { GIVEN_UP_MAX, WRITERS_MAX } from '@latchkey/domain/terminal/input-ledger'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Exit, Program } from '../pty/pty-process.ts'
import { FieldReader, FieldWriter } from './fields.ts'
import {
  type FromKeeper,
  type KeptPicture,
  type KeptTerminalInfo,
  NEVER_RESIZED,
  type ToKeeper,
} from './keeper-messages.ts'

/**
 * Messages as frames: u32 length of what follows, u8 kind, fields. Integers are big-endian; texts and bytes have a u32 length
 * before them.
 */

const ARGUMENTS_MAX = 65_536
const NOTHING = new Uint8Array(0)

/** Numbers of the kinds: one that was given out stays for ever. */
const TO_KEEPER = {
  hello: 1,
  open: 2,
  follow: 3,
  rest: 4,
  attach: 5,
  detach: 6,
  giveUp: 7,
  input: 8,
  reply: 9,
  resize: 10,
  pause: 11,
  resume: 12,
  end: 13,
  kill: 14,
  forget: 15,
  describe: 16,
  picture: 17,
  endAll: 18,
  retire: 19,
} as const satisfies Record<ToKeeper['type'], number>

const KNOWN_TO_KEEPER: ReadonlySet<number> = new Set(Object.values(TO_KEEPER))

const FROM_KEEPER = {
  welcome: 1,
  refused: 2,
  opened: 3,
  notOpened: 4,
  kept: 5,
  output: 6,
  resized: 7,
  applied: 8,
  stirred: 9,
  exited: 10,
  listed: 11,
} as const satisfies Record<FromKeeper['type'], number>

export function encodeToKeeper(message: ToKeeper): Uint8Array {
  return framed(TO_KEEPER[message.type], (fields) => writeToKeeper(message, fields))
}

export function encodeFromKeeper(message: FromKeeper): Uint8Array {
  return framed(FROM_KEEPER[message.type], (fields) => writeFromKeeper(message, fields))
}

/** Null for a kind of a later release. Throws `MalformedBytes`. */
export function decodeToKeeper(frame: Uint8Array): ToKeeper | null {
  const fields = new FieldReader(frame)
  return readToKeeper(fields.u8(), fields)
}

/** Null for a kind of a later release. Throws `MalformedBytes`. */
export function decodeFromKeeper(frame: Uint8Array): FromKeeper | null {
  const fields = new FieldReader(frame)
  return readFromKeeper(fields.u8(), fields)
}

/** The beginning of an `output` frame: its bytes follow, so that they need not be copied. */
export function encodeOutputHead({
  terminal,
  offset,
  bytes,
}: Extract<FromKeeper, { type: 'output' }>): Uint8Array {
  const fields = new FieldWriter().u8(FROM_KEEPER.output).u16(terminal).u53(offset).u32(bytes.length)
  return fields.after(new FieldWriter().u32(fields.byteCount + bytes.length).after(NOTHING))
}

function framed(kind: number, write: (fields: FieldWriter) => void): Uint8Array {
  const fields = new FieldWriter()
  write(fields)
  return fields.after(
    new FieldWriter()
      .u32(fields.byteCount + 1)
      .u8(kind)
      .after(new Uint8Array(0)),
  )
}

function writeToKeeper(message: ToKeeper, fields: FieldWriter): unknown {
  switch (message.type) {
    case 'hello':
      return fields
        .u16(message.version)
        .flag(message.role === 'owner')
        .bytes(message.token)
    case 'open':
      fields.u32(message.request).u16(message.terminal)
      writeSize(message.size, fields)
      fields.text(message.name)
      return writeProgram(message.program, fields)
    case 'endAll':
    case 'retire':
      return fields
    case 'follow':
    case 'pause':
    case 'resume':
    case 'end':
    case 'kill':
    case 'forget':
      return fields.u16(message.terminal)
    case 'rest':
      return fields.u16(message.terminal).u53(message.offset)
    case 'attach':
    case 'detach':
      return fields.u16(message.terminal).u53(message.connection).text(message.writer)
    case 'giveUp':
      return fields.u16(message.terminal).text(message.writer)
    case 'input':
      fields.u16(message.terminal).u53(message.connection).u53(message.from)
      return fields.text(message.writer).bytes(message.bytes)
    case 'reply':
      return fields.u16(message.terminal).u53(message.from).bytes(message.bytes)
    case 'resize':
      return writeSize(message.size, fields.u16(message.terminal))
    case 'describe':
      return fields.u16(message.terminal).text(message.name).bytes(message.note)
    case 'picture':
      return writePicture(message.picture, fields.u16(message.terminal))
    default:
      return assertNever(message)
  }
}

function readToKeeper(kind: number, r: FieldReader): ToKeeper | null {
  switch (kind) {
    case TO_KEEPER.hello:
      return { type: 'hello', version: r.u16(), role: r.flag() ? 'owner' : 'runner', token: r.blob() }
    case TO_KEEPER.open: {
      const [request, terminal, size, name] = [r.u32(), r.u16(), readSize(r), r.text()]
      return { type: 'open', request, terminal, size, name, program: readProgram(r) }
    }
    case TO_KEEPER.endAll:
      return { type: 'endAll' }
    case TO_KEEPER.retire:
      return { type: 'retire' }
    default:
      return readAboutTerminal(kind, r)
  }
}

function readAboutTerminal(kind: number, r: FieldReader): ToKeeper | null {
  // A kind of a later release may begin with anything.
  if (!KNOWN_TO_KEEPER.has(kind)) return null
  const terminal = r.u16()
  switch (kind) {
    case TO_KEEPER.follow:
      return { type: 'follow', terminal }
    case TO_KEEPER.rest:
      return { type: 'rest', terminal, offset: r.u53() }
    case TO_KEEPER.attach:
      return { type: 'attach', terminal, connection: r.u53(), writer: r.text() }
    case TO_KEEPER.detach:
      return { type: 'detach', terminal, connection: r.u53(), writer: r.text() }
    case TO_KEEPER.giveUp:
      return { type: 'giveUp', terminal, writer: r.text() }
    case TO_KEEPER.input:
      return {
        type: 'input',
        terminal,
        connection: r.u53(),
        from: r.u53(),
        writer: r.text(),
        bytes: r.blob(),
      }
    case TO_KEEPER.reply:
      return { type: 'reply', terminal, from: r.u53(), bytes: r.blob() }
    case TO_KEEPER.resize:
      return { type: 'resize', terminal, size: readSize(r) }
    case TO_KEEPER.pause:
      return { type: 'pause', terminal }
    case TO_KEEPER.resume:
      return { type: 'resume', terminal }
    case TO_KEEPER.end:
      return { type: 'end', terminal }
    case TO_KEEPER.kill:
      return { type: 'kill', terminal }
    case TO_KEEPER.forget:
      return { type: 'forget', terminal }
    case TO_KEEPER.describe:
      return { type: 'describe', terminal, name: r.text(), note: r.blob() }
    case TO_KEEPER.picture:
      return { type: 'picture', terminal, picture: readPicture(r) }
    default:
      return null
  }
}

function writeFromKeeper(message: FromKeeper, fields: FieldWriter): unknown {
  switch (message.type) {
    case 'welcome':
      return fields.u16(message.version).u32(message.pid).u53(message.startedAtMs).flag(message.runner)
    case 'listed':
      return writeInfo(message.info, fields)
    case 'refused':
      return fields.flag(message.busy).text(message.sentence)
    case 'opened':
      return fields.u32(message.request).u32(message.pid).text(message.tty).u53(message.startedAtMs)
    case 'notOpened':
      return fields.u32(message.request).text(message.message)
    case 'kept':
      writeSize(message.first, fields.u16(message.terminal).u53(message.start).u53(message.end))
      fields.u53(message.replied)
      return message.picture === null ? fields.flag(false) : writePicture(message.picture, fields.flag(true))
    case 'output':
      return fields.u16(message.terminal).u53(message.offset).bytes(message.bytes)
    case 'resized': {
      const { seq, offset } = message.resized
      return writeSize(message.resized, fields.u16(message.terminal).u32(seq).u53(offset))
    }
    case 'applied':
      return fields.u16(message.terminal).u53(message.upTo).text(message.writer)
    case 'stirred':
      return fields.u16(message.terminal).u53(message.end)
    case 'exited':
      return writeExit(message.exit, fields.u16(message.terminal)).u53(message.end)
    default:
      return assertNever(message)
  }
}

function readFromKeeper(kind: number, r: FieldReader): FromKeeper | null {
  switch (kind) {
    case FROM_KEEPER.welcome:
      return { type: 'welcome', version: r.u16(), pid: r.u32(), startedAtMs: r.u53(), runner: r.flag() }
    case FROM_KEEPER.listed:
      return { type: 'listed', info: readInfo(r) }
    case FROM_KEEPER.refused:
      return { type: 'refused', busy: r.flag(), sentence: r.text() }
    case FROM_KEEPER.opened:
      return { type: 'opened', request: r.u32(), pid: r.u32(), tty: r.text(), startedAtMs: r.u53() }
    case FROM_KEEPER.notOpened:
      return { type: 'notOpened', request: r.u32(), message: r.text() }
    case FROM_KEEPER.kept: {
      const [terminal, start, end, first, replied] = [r.u16(), r.u53(), r.u53(), readSize(r), r.u53()]
      return { type: 'kept', terminal, start, end, first, replied, picture: r.flag() ? readPicture(r) : null }
    }
    case FROM_KEEPER.output:
      return { type: 'output', terminal: r.u16(), offset: r.u53(), bytes: new Uint8Array(r.blob()) }
    case FROM_KEEPER.resized: {
      const [terminal, seq, offset] = [r.u16(), r.u32(), r.u53()]
      return { type: 'resized', terminal, resized: { seq, offset, ...readSize(r) } }
    }
    case FROM_KEEPER.applied:
      return { type: 'applied', terminal: r.u16(), upTo: r.u53(), writer: r.text() }
    case FROM_KEEPER.stirred:
      return { type: 'stirred', terminal: r.u16(), end: r.u53() }
    case FROM_KEEPER.exited:
      return { type: 'exited', terminal: r.u16(), exit: readExit(r), end: r.u53() }
    default:
      return null
  }
}

const writeSize = ({ cols, rows }: Size, fields: FieldWriter) => fields.u16(cols).u16(rows)
const readSize = (r: FieldReader): Size => ({ cols: r.u16(), rows: r.u16() })

/** No signal is 0, which is no signal's number. Exit codes are below 256; one above 2^31 is a negative one of Windows. */
const writeExit = ({ code, signal }: Exit, fields: FieldWriter) => fields.u32(code >>> 0).u8(signal ?? 0)
const readExit = (r: FieldReader): Exit => {
  const [code, signal] = [r.u32(), r.u8()]
  return { code: code | 0, signal: signal === 0 ? null : signal }
}

function writeProgram({ file, args, cwd, env }: Program, fields: FieldWriter): unknown {
  fields
    .text(file)
    .text(cwd)
    .list(args, (argument) => fields.text(argument))
  return fields.list(Object.entries(env), ([name, value]) => fields.text(name).text(value))
}

function readProgram(r: FieldReader): Program {
  const [file, cwd] = [r.text(), r.text()]
  const args = r.list(ARGUMENTS_MAX, () => r.text())
  const env = r.list(ARGUMENTS_MAX, () => [r.text(), r.text()] as const)
  return { file, cwd, args, env: Object.fromEntries(env) }
}

function writePicture(picture: KeptPicture, fields: FieldWriter): unknown {
  const { offset, resizes, replied, bytes } = picture
  return writeSize(picture, fields.u53(offset).u32(resizes).u53(replied)).bytes(bytes)
}

function readPicture(r: FieldReader): KeptPicture {
  const [offset, resizes, replied, size] = [r.u53(), r.u32(), r.u53(), readSize(r)]
  return { offset, resizes, replied, ...size, bytes: Uint8Array.from(r.blob()) }
}

function writeInfo(info: KeptTerminalInfo, fields: FieldWriter): unknown {
  const { ledger, exit, pictureAt } = info
  fields.u16(info.terminal).u32(info.pid).text(info.tty).u53(info.startedAtMs)
  writeSize(info, fields).u53(info.start).u53(info.end)
  fields
    .flag(pictureAt !== null)
    .u53(pictureAt ?? 0)
    .u53(info.replied)
  writeExit(exit ?? { code: 0, signal: null }, fields.flag(exit !== null))
  fields.text(info.name).bytes(info.note)
  fields.list(ledger.writers, ([writer, upTo]) => fields.text(writer).u53(upTo))
  fields.list(ledger.givenUp, (writer) => fields.text(writer))
  return fields.u32(info.resized.seq).u53(info.resized.offset)
}

function readInfo(r: FieldReader): KeptTerminalInfo {
  const [terminal, pid, tty, startedAtMs] = [r.u16(), r.u32(), r.text(), r.u53()]
  const [size, start, end] = [readSize(r), r.u53(), r.u53()]
  const [hasPicture, pictureAt, replied] = [r.flag(), r.u53(), r.u53()]
  const [hasEnded, exit] = [r.flag(), readExit(r)]
  const [name, note] = [r.text(), Uint8Array.from(r.blob())]
  const writers = r.list(WRITERS_MAX, () => [r.text(), r.u53()] as const)
  const givenUp = r.list(GIVEN_UP_MAX, () => r.text())
  const resized = r.added(() => ({ seq: r.u32(), offset: r.u53() }), NEVER_RESIZED)
  return {
    terminal,
    pid,
    tty,
    startedAtMs,
    ...size,
    start,
    end,
    pictureAt: hasPicture ? pictureAt : null,
    replied,
    exit: hasEnded ? exit : null,
    name,
    note,
    ledger: { writers, givenUp },
    resized,
  }
}
