import type { Says } from './says.ts'
/** What the pages say about scanning a QR code, in English. A refusal says what happened, then the next step. */
export const scanEn = {
  button: 'Scan QR',
  title: 'Scan the QR code',
  lead: 'Point the camera at the QR code on the machine’s screen.',
  starting: 'Starting the camera…',
  picture: 'Picture of the camera',
  troubles: {
    plain: [
      'On plain HTTP browsers give pages no live camera.',
      'Take a photo of the QR code on the machine’s screen, or type the code.',
    ],
    refused: [
      'This page may not use the camera.',
      'Allow it in the browser’s settings of this page and try again, or choose a photo.',
    ],
    none: ['No camera was found.', 'Choose a photo of the QR code, or type the code.'],
    busy: ['The camera does not start.', 'Close what else uses it and try again, or choose a photo.'],
    'not-loaded': ['The scanner could not be loaded.', 'Check the network and try again, or type the code.'],
  } satisfies Readonly<Record<string, Says>>,
  takePhoto: 'Take a photo',
  choosePhoto: 'Choose a photo',
  looking: 'Looking for the QR code…',
  notes: {
    other: ['This QR code is not a pairing link.', 'Scan the one on the machine’s screen.'],
    'no-code': [
      'There is no readable QR code in this photo.',
      'Take another one: closer, straight, with the whole code in it.',
    ],
    'not-picture': ['This file cannot be opened as a picture.', 'Choose a JPEG or PNG.'],
  } satisfies Readonly<Record<string, Says>>,
  elsewhere: 'This link leads to another broker',
  elsewhereText: (here: string) =>
    `This page is from ${here}. Open the other address only if you trust it: it will be told the code.`,
  open: 'Open it',
}
