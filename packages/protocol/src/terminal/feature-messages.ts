import { z } from 'zod'
import { hex128 } from '../fields.ts'
import { answerFields, guardedKeyFields, proofFields, questionFields, statusFields } from './attention.ts'
import * as files from './files.ts'
import * as fleet from './fleet.ts'
import { message } from './message.ts'
import * as ports from './ports.ts'
import { pushStandingFields, pushTestedFields, pushTestFields, pushWantedFields } from './push.ts'
import * as shares from './shares.ts'

const terminal = z.number().int().min(0).max(0xffff)
const request = z.number().int().nonnegative().max(0xffffffff)

/**
 * What an end can do beside terminals, as it says in `hello` and `welcome`. The messages and streams of a feature go only to an
 * end that named it; names that are not known are passed over.
 */
export const FEATURES = ['status', 'questions', 'push', 'files', 'ports', 'shares', 'fleet'] as const
export type FeatureName = (typeof FEATURES)[number]
export const features = z.array(z.string().max(32)).max(32).optional()

/** app → runner, of one feature each. */
export const appFeatureMessages = [
  /**
   * the terminal that an app has before a person; null while it has none, or its page is hidden. Until an app says it, each
   * terminal that it attached counts. `theme`: how the app draws it, which programs may ask their terminal
   */
  message('front', { terminal: terminal.nullable(), theme: z.enum(['dark', 'light']).optional() }),
  /** an app shows this question to a person */
  message('seen', { id: hex128 }),
  message('answer', answerFields),
  /** answered by `guarded` */
  message('guardedKey', guardedKeyFields),
  message('pushWanted', pushWantedFields),
  /** answered by `pushTested`, once for each step */
  message('pushTest', pushTestFields),
  message('sendFile', files.sendFileFields),
  message('fetchFile', files.fetchFileFields),
  /** the machine may send a file's bytes up to this offset */
  message('fileCredit', { transfer: files.transfer, upTo: files.offset }),
  message('fileEnd', files.fileEndFields),
  /** the app does not want this transfer any more; a part that was sent is removed */
  message('fileCancel', { transfer: files.transfer }),
  message('openPort', ports.openPortFields),
  message('portCredit', ports.portCreditFields),
  message('portEnd', ports.portEndFields),
  /** whether shells of new terminals shall tell of their commands; of an app that may type */
  message('integrate', { on: z.boolean() }),
  message('shareTerminal', shares.shareTerminalFields),
  message('shareEnd', shares.shareEndFields),
  message('fleetAdopt', fleet.fleetAdoptFields),
  message('fleetList', fleet.fleetListFields),
] as const
export const appFeatureMessage = z.discriminatedUnion('type', appFeatureMessages)
export type AppFeatureMessage = z.output<typeof appFeatureMessage>

/** runner → app, of one feature each. */
export const runnerFeatureMessages = [
  /** of every terminal after `welcome`, then whenever it changed */
  message('status', statusFields),
  message('question', questionFields),
  message('proof', proofFields),
  /** `typed`: whether the key was typed; `message` says why not */
  message('guarded', { request, typed: z.boolean(), message: z.string().max(256).optional() }),
  message('pushStanding', pushStandingFields),
  message('pushTested', pushTestedFields),
  message('fileWritten', files.fileWrittenFields),
  message('fileDone', files.fileDoneFields),
  message('fileFound', files.fileFoundFields),
  message('fileSent', files.fileEndFields),
  message('fileRefused', files.fileRefusedFields),
  message('portOpened', ports.portOpenedFields),
  message('portGranted', ports.portCreditFields),
  message('portEnded', ports.portEndFields),
  message('portRefused', ports.portRefusedFields),
  message('shared', shares.sharedFields),
  message('shareRefused', shares.shareRefusedFields),
  message('shares', shares.sharesFields),
  message('fleet', fleet.fleetFields),
  message('fleetRefused', fleet.fleetRefusedFields),
] as const
export const runnerFeatureMessage = z.discriminatedUnion('type', runnerFeatureMessages)
export type RunnerFeatureMessage = z.output<typeof runnerFeatureMessage>
