import { openApiDocument } from '../../apps/broker/src/openapi/openapi-document.ts'
import { commandsDocument } from './commands-doc.ts'
import { devicePairingDocument } from './device-pairing-doc.ts'
import { graphqlDocument } from './graphql-doc.ts'
import { housePicture } from './house-picture.ts'
import { protocolDocument } from './protocol-doc.ts'
import { scaleDocument } from './scale-doc.ts'
import { settingsDocument } from './settings-doc.ts'
import { whatsappDocument } from './whatsapp-doc.ts'

/** Every document that is made from the source, wholly or in part: its path and its text. */
export const generatedDocuments = (): ReadonlyArray<readonly [string, string]> => [
  ['docs/protocol.md', protocolDocument()],
  ['docs/device-pairing.md', devicePairingDocument()],
  ['docs/openapi.json', `${JSON.stringify(openApiDocument(), null, 2)}\n`],
  ['docs/schema.graphql', graphqlDocument()],
  ['docs/whatsapp-sentences.md', whatsappDocument()],
  ['docs/pictures/house.svg', housePicture()],
  ['docs/settings.md', settingsDocument()],
  ['docs/commands.md', commandsDocument()],
  ['docs/scale.md', scaleDocument()],
]
