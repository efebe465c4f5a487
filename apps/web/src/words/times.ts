import type { Words } from './en.ts'

/** 14:32, by the person's own clock conventions but always 24 hours, as machines show it. */
export const clockTime = (atMs: number, words: Words): string =>
  new Intl.DateTimeFormat(words.tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(atMs)

/** 14:27:46 */
export const clockTimeExact = (atMs: number, words: Words): string =>
  new Intl.DateTimeFormat(words.tag, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(atMs)

/** The clock time, with the day before it when that was not today. */
export function moment(atMs: number, nowMs: number, words: Words): string {
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString()
  if (sameDay) return clockTime(atMs, words)
  return `${dayOf(atMs, words)}, ${clockTime(atMs, words)}`
}

/** The day, or the clock time when that was today. */
export function dayOrTime(atMs: number, nowMs: number, words: Words): string {
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString()
  return sameDay ? clockTime(atMs, words) : dayOf(atMs, words)
}

/** The day with its year, for an end that may be far. */
export const wholeDay = (atMs: number, words: Words): string =>
  new Intl.DateTimeFormat(words.tag, { day: 'numeric', month: 'short', year: 'numeric' }).format(atMs)

const dayOf = (atMs: number, words: Words): string =>
  new Intl.DateTimeFormat(words.tag, { day: 'numeric', month: 'short' }).format(atMs)

/** A span in its two largest units: 3 min 54 s, 12 d 4 h. */
export function span(ms: number, words: Words): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 60) return words.span.seconds(seconds)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return words.span.minutes(minutes, seconds % 60)
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return words.span.hours(hours, minutes % 60)
  return words.span.days(Math.floor(hours / 24), hours % 24)
}

/** 0:14, 12:05: how long something has been going on, as a stopwatch shows it. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** 38 KB: decimal units, no fraction from 10 on. */
export function byteSize(byteCount: number, words: Words): string {
  const number = (value: number) =>
    new Intl.NumberFormat(words.tag, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
  if (byteCount < 1000) return `${number(byteCount)} B`
  if (byteCount < 1_000_000) return `${number(byteCount / 1000)} KB`
  return `${number(byteCount / 1_000_000)} MB`
}
