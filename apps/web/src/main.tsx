import { render } from 'preact'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/notices.css'
import './styles/lists.css'
import './styles/dialog.css'
import './styles/pages.css'
import './styles/attention.css'
import { App } from './app.tsx'
import { startAttention } from './attention/attention.ts'
import { startShared } from './files/shared-files.ts'
import { startOffline } from './offline/register.ts'
import { startPlaces } from './places.ts'
import { startPush } from './push/start.ts'
import { codeOfFragment } from './runner-pairing/code-field.ts'
import { startLanguage } from './words/language.ts'

// First of all: secrets are wiped from the address before anything else runs.
startPlaces(codeOfFragment)
startAttention()
await startLanguage()
const root = document.getElementById('app')
if (root !== null) render(<App />, root)
startOffline()
startPush()
startShared()
