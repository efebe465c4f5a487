import { useWords } from '../words/language.ts'

/** Which text of risks a person agrees to: recorded with the time, so that a changed text is agreed to anew. */
export const CONSENT_WORDING = '2026-11'

/** What linking by an unofficial client means for the account, before anything is linked. */
export function Consent({ onAgree }: { readonly onAgree: () => void }) {
  const text = useWords()
  return (
    <>
      <h1>{text.linking.title}</h1>
      <p class="lead">{text.linking.consentTitle}</p>
      <ul class="wa-risks">
        {text.linking.consentRisks.map((risk) => (
          <li key={risk}>{risk}</li>
        ))}
      </ul>
      <button type="button" class="btn primary lg block" onClick={onAgree}>
        {text.linking.consentAgree}
      </button>
    </>
  )
}
