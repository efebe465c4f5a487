import { DEVICE_NAME_CHARS_MAX } from '@latchkey/protocol/device-pairing'
import { keep, kept } from '../kept.ts'
import { ownLabel } from '../platform.ts'

const NAME = 'device-name'

/** An interface that some browsers have, to ask for the model of the device. */
interface AgentData {
  getHighEntropyValues(hints: readonly string[]): Promise<{ readonly model?: string }>
}

/** How this device calls itself: as it was named here, by its model, else by its browser and system. */
export async function deviceName(): Promise<string> {
  const named = kept(NAME)
  if (named !== null && named !== '') return named
  return (await model()) || ownLabel(navigator.userAgent)
}

/** The name as it goes to the broker; null when it is blank. */
export function trimmedName(typed: string): string | null {
  const name = typed.trim().replaceAll(/\s+/g, ' ').slice(0, DEVICE_NAME_CHARS_MAX).trim()
  return name === '' ? null : name
}

export const keepDeviceName = (name: string): void => void keep(NAME, name)

async function model(): Promise<string> {
  if (!('userAgentData' in navigator) || !isAgentData(navigator.userAgentData)) return ''
  const told = await navigator.userAgentData.getHighEntropyValues(['model']).catch(() => null)
  return trimmedName(told?.model ?? '') ?? ''
}

const isAgentData = (value: unknown): value is AgentData =>
  typeof value === 'object' && value !== null && 'getHighEntropyValues' in value
