import {
  DEVICE_NAME_CHARS_MAX,
  DEVICE_NOTE_CHARS_MAX,
  type ListedDevice,
  meReply,
} from '@latchkey/protocol/device-pairing'
import { useId, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/fields.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'
import { mayOf, rightsFields } from './device-may.ts'
import { DeviceMayChoice } from './device-may-choice.tsx'
import { trimmedName } from './device-name.ts'
import { readTags } from './tags.ts'

const RIGHTS = ['type', 'approve', 'send'] as const

/** All that the operator may write about a device, and where and when it was seen. */
export function DeviceSheet(props: {
  readonly device: ListedDevice
  readonly serverTime: number
  readonly onClose: () => void
}) {
  const text = useWords()
  const { device, serverTime, onClose } = props
  const id = useId()
  const [name, setName] = useState(device.name)
  const [note, setNote] = useState(device.note ?? '')
  const [tags, setTags] = useState((device.tags ?? []).join(' '))
  const [may, setMay] = useState(() => mayOf(device))
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const read = readTags(tags)
  const save = async () => {
    const trimmed = trimmedName(name)
    if (busy || trimmed === null || read === null) return
    setBusy(true)
    const rights = device.roles.includes('app') ? { appRights: rightsFields(may) } : {}
    const change = { name: trimmed, note: note.trim(), tags: [...read], ...rights }
    const answer = await asked(meReply, 'PATCH', `/nodes/${encodeURIComponent(device.id)}`, change)
    setBusy(false)
    if (answer.ok) onClose()
    else setTrouble(text.fleet.saveFailed(device.name))
  }
  return (
    <Dialog title={device.name} onClose={onClose}>
      <p class="small faint which-one">{placesOf(device, serverTime, text)}</p>
      <Form class="stack" onSubmit={() => void save()}>
        <TextField
          kind="name"
          label={text.devices.name}
          value={name}
          charsMax={DEVICE_NAME_CHARS_MAX}
          onValue={setName}
        />
        <div class="field">
          <label for={`${id}-note`}>{text.fleet.note}</label>
          <textarea
            id={`${id}-note`}
            class="input note"
            rows={2}
            value={note}
            maxLength={DEVICE_NOTE_CHARS_MAX}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </div>
        <TagsField typed={tags} onTyped={setTags} />
        {device.roles.includes('app') ? (
          <>
            <DeviceMayChoice may={may} only={RIGHTS} onMay={setMay} />
            <p class="hint small">{text.fleet.rightsHint}</p>
          </>
        ) : null}
        {trouble === null ? null : <ErrorLine says={trouble} />}
        <button
          type="submit"
          class="btn primary lg"
          aria-disabled={busy || trimmedName(name) === null || read === null}
        >
          {text.join.save}
        </button>
      </Form>
    </Dialog>
  )
}

/** Words by which machines are told apart, with spaces between. */
export function TagsField({
  typed,
  onTyped,
}: {
  readonly typed: string
  readonly onTyped: (typed: string) => void
}) {
  const { fleet } = useWords()
  const isWrong = readTags(typed) === null
  return (
    <TextField
      kind="words"
      label={fleet.tags}
      value={typed}
      hint={isWrong ? fleet.tagsWrong : fleet.tagsHint}
      isWrong={isWrong}
      onValue={onTyped}
    />
  )
}

function placesOf(device: ListedDevice, serverTime: number, text: ReturnType<typeof useWords>): string {
  const { devices, fleet } = text
  const { hostname, lastAddress = null, joinedAt, lastSeenAt } = device
  const joined = `${devices.joined(moment(joinedAt, serverTime, text))}${hostname === '' ? '' : ` ${devices.from(hostname)}`}`
  const seen = lastSeenAt === null ? [] : [devices.lastSeen(moment(lastSeenAt, serverTime, text))]
  return [joined, ...seen, ...(lastAddress === null ? [] : [fleet.lastAddress(lastAddress)])].join(' · ')
}
