import type { BanView } from '@latchkey/protocol/limits'

const SUBJECT_CHARACTERS_MAX = 12

/** The beginning of an app's or runner's id is enough to tell two apart. */
export const subjectOf = ({ kind, subject }: BanView): string =>
  kind === 'session' || kind === 'runner' ? `${subject.slice(0, SUBJECT_CHARACTERS_MAX)}…` : subject
