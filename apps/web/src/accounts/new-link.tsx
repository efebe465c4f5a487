import { companyUrlReply } from '@latchkey/protocol/accounts'
import { useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { TextField } from '../parts/fields.tsx'
import { Form } from '../parts/form.tsx'
import { copyText } from '../platform.ts'
import { useWords } from '../words/language.ts'

const ID = /^[A-Za-z0-9_-]{1,64}$/

/** A form that makes the address of the page on which one company links. */
export function NewLink(given: {
  /** which company has this salon id already; the id itself where none has */
  readonly companyOf: (salonId: string) => string
}) {
  const text = useWords()
  const { companyOf } = given
  const [isOpen, setOpen] = useState(false)
  const [company, setCompany] = useState('')
  const [salonId, setSalonId] = useState('')
  const [url, setUrl] = useState<string | null>(null)
  const [isWrong, setWrong] = useState(false)
  const mint = async () => {
    setWrong(!ID.test(salonId))
    if (!ID.test(salonId)) return
    const wanted = { companyId: companyOf(salonId), salonId, ...(company === '' ? {} : { company }) }
    const answer = await asked(companyUrlReply, 'POST', '/operator/linking/links', wanted)
    setUrl(answer.ok ? answer.value.url : null)
    setWrong(!answer.ok)
  }
  if (!isOpen)
    return (
      <p class="wa-console">
        <button type="button" class="btn" onClick={() => setOpen(true)}>
          {text.linking.console.make}
        </button>
      </p>
    )
  return (
    <Form class="wa-console" onSubmit={() => void mint()}>
      <TextField
        kind="name"
        label={text.linking.console.name}
        value={company}
        charsMax={64}
        onValue={setCompany}
      />
      <TextField
        kind="words"
        label={text.linking.console.id}
        value={salonId}
        hint={text.linking.console.badId}
        isWrong={isWrong}
        onValue={setSalonId}
      />
      <button type="submit" class="btn primary block">
        {text.linking.console.mint}
      </button>
      {url === null ? null : <Minted key={url} url={url} />}
    </Form>
  )
}

function Minted({ url }: { readonly url: string }) {
  const text = useWords()
  const [copied, setCopied] = useState(false)
  return (
    <div role="status">
      <input class="input mono" readOnly value={url} aria-label={text.linking.console.copy} data-link />
      <p class="hint">{text.linking.console.goodFor}</p>
      <button type="button" class="btn block" onClick={() => void copyText(url).then(setCopied)}>
        {copied ? text.copied : text.linking.console.copy}
      </button>
    </div>
  )
}
