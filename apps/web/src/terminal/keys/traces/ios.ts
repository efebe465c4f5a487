import {
  composeTo,
  ended,
  insert,
  lettersOf,
  lineBreak,
  named,
  remove,
  type Trace,
  type TraceStep,
} from './trace.ts'

/** A letter on the keyboard of iOS: the key by its name, and the edit. */
const typed = (letter: string): readonly TraceStep[] => [
  named(letter, letter.toUpperCase().charCodeAt(0)),
  insert(letter),
]

/** Hangul on iOS: the syllable is deleted and put anew, with no composition at all. */
const jamo = (key: string, syllable: string): readonly TraceStep[] => [
  named(key, 0),
  remove(1),
  insert(syllable),
]

const NO_COMPOSITION =
  'https://github.com/facebook/lexical/issues/5841, https://github.com/michael/svedit/issues/113'

/** WebKit's order at the end of a composition: w3c/input-events#34, w3c/input-events pull 122. */
const webkitEnd = (spelled: string, composed: string): readonly TraceStep[] => [
  composeTo(spelled, '', 'deleteCompositionText'),
  composeTo('', composed, 'insertFromComposition'),
  ended,
]

const spelling = (...texts: readonly string[]): readonly TraceStep[] => [
  { on: 'compositionstart' },
  ...texts.map((text, at) => composeTo(texts[at - 1] ?? '', text)),
]

export const IOS_TRACES: readonly Trace[] = [
  {
    keyboard: 'iOS Latin',
    does: 'types letters and Enter',
    source: 'https://github.com/w3c/uievents/issues/353 (the order of one key in Safari)',
    steps: [...typed('l'), ...typed('s'), named('Enter', 13)],
    bytes: 'ls\r',
  },
  {
    keyboard: 'iOS Latin',
    does: 'corrects the last word as its space is pressed',
    source: 'https://github.com/ianstormtaylor/slate/issues/1177 (autocorrect is insertReplacementText)',
    steps: [
      insert('teh'),
      named(' ', 32),
      { on: 'edit', type: 'insertReplacementText', back: 3, text: 'the', composing: false, cancelable: true },
      insert(' '),
    ],
    bytes: 'teh\x7f\x7fhe ',
  },
  {
    keyboard: 'iOS Latin',
    does: 'turns two spaces after a word into a period and a space',
    source:
      'https://github.com/ianstormtaylor/slate/issues/1177, https://github.com/migueldeicaza/SwiftTerm/issues/477',
    steps: [
      insert('done'),
      named(' ', 32),
      insert(' '),
      named(' ', 32),
      { on: 'edit', type: 'insertReplacementText', back: 1, text: '. ', composing: false, cancelable: true },
    ],
    bytes: 'done \x7f. ',
  },
  {
    keyboard: 'iOS Latin',
    does: 'deletes a word where nothing was typed',
    source: 'https://w3c.github.io/input-events/ (deleteWordBackward)',
    steps: [remove(1), remove(15, 'deleteWordBackward')],
    bytes: '\x7f\x1b\x7f',
  },
  {
    keyboard: 'iPad with a keyboard',
    does: 'deletes to the beginning of the line with Command',
    source: 'https://w3c.github.io/input-events/ (deleteSoftLineBackward)',
    steps: [remove(16, 'deleteSoftLineBackward')],
    bytes: '\x15',
  },
  {
    keyboard: 'iOS Pinyin',
    does: 'spells, deletes the spelling, inserts ideographs, then ends the composition',
    source: 'https://github.com/w3c/input-events/issues/34, https://github.com/w3c/input-events/pull/122',
    languages: ['zh-Hans-CN'],
    steps: [...spelling('n', 'ni', 'ni h', 'ni ha', 'ni hao'), ...webkitEnd('ni hao', '你好'), insert('，')],
    bytes: '你好，',
  },
  {
    keyboard: 'iOS Pinyin',
    does: 'ends the composition first and inserts after it',
    source: 'https://github.com/w3c/uievents/issues/202 (Safari ends it before the input)',
    languages: ['zh-Hans-CN'],
    steps: [
      ...spelling('n', 'ni', 'ni hao'),
      ended,
      {
        on: 'edit',
        type: 'insertFromComposition',
        back: 6,
        text: '你好',
        composing: false,
        cancelable: false,
      },
    ],
    // The spelling is the text when the composition ends, and is taken back.
    bytes: 'ni hao\x7f\x7f\x7f\x7f\x7f\x7f你好',
  },
  {
    keyboard: 'iOS Pinyin',
    does: 'takes its Latin letters as they are with Enter, whose key comes after',
    source: 'https://github.com/receptron/mulmoterminal/pull/1364 (Safari: keydown 229 after compositionend)',
    languages: ['zh-Hans-CN', 'en'],
    steps: [...spelling('l', 'ls'), ...webkitEnd('ls', 'ls'), { on: 'keydown', key: 'Enter', keyCode: 229 }],
    bytes: 'ls',
  },
  {
    keyboard: 'iOS Pinyin',
    does: 'types full-width punctuation and spaces without composing',
    source: 'https://github.com/xtermjs/xterm.js/pull/5614, https://github.com/xtermjs/xterm.js/issues/5835',
    languages: ['zh-Hans-CN'],
    steps: [named('Process', 229), insert('。'), named('Process', 229), insert(' '), insert('；')],
    bytes: '。 ；',
  },
  {
    keyboard: 'iOS Kana',
    does: 'composes, converts, and goes on with the rest of the word',
    source: 'https://github.com/w3c/input-events/issues/34 (one key: an end and a new beginning)',
    languages: ['ja-JP'],
    steps: [
      ...spelling('に', 'にほ', 'にほん', 'にほんご'),
      composeTo('にほんご', '日本語'),
      ...webkitEnd('日本語', '日本'),
      ...spelling('ご'),
      ...webkitEnd('ご', '語'),
    ],
    bytes: '日本語',
  },
  {
    keyboard: 'iOS Kana',
    does: 'gives a composition up',
    source: 'https://w3c.github.io/uievents/#events-compositionevents (an end with empty data)',
    languages: ['ja-JP'],
    steps: [...spelling('か', 'かな'), composeTo('かな', '', 'deleteCompositionText'), ended, insert('a')],
    bytes: 'a',
  },
  {
    keyboard: 'iOS Hangul',
    does: 'builds syllables by deleting and inserting, without a composition',
    source: NO_COMPOSITION,
    languages: ['ko-KR'],
    steps: [
      named('ㅎ', 0),
      insert('ㅎ'),
      ...jamo('ㅏ', '하'),
      ...jamo('ㄴ', '한'),
      named('ㄱ', 0),
      insert('ㄱ'),
      ...jamo('ㅡ', '그'),
    ],
    bytes: 'ㅎ\x7f하\x7f한ㄱ\x7f그',
  },
  {
    keyboard: 'iOS Hangul in a WKWebView',
    does: 'replaces the syllable in place, without a composition',
    source: 'https://github.com/xtermjs/xterm.js/pull/5704 (insertReplacementText)',
    languages: ['ko-KR'],
    steps: [
      insert('ㅎ'),
      ...['하', '한'].map(
        (text): TraceStep => ({
          on: 'edit',
          type: 'insertReplacementText',
          back: 1,
          text,
          composing: false,
          cancelable: true,
        }),
      ),
      insert(' '),
    ],
    bytes: 'ㅎ\x7f하\x7f한 ',
  },
  {
    keyboard: 'iOS Hangul, ten keys',
    does: 'deletes a range and inserts the syllable with its new vowel',
    source: 'https://github.com/facebook/lexical/pull/8475',
    languages: ['ko-KR'],
    steps: [insert('ㅇ'), ...jamo('ㅣ', '이'), remove(1), insert('아'), ...jamo('ㄴ', '안')],
    bytes: 'ㅇ\x7f이\x7f아\x7f안',
  },
  {
    keyboard: 'iOS dictation',
    does: 'replaces what it wrote by what it understood later',
    source:
      'https://github.com/agent-of-empires/agent-of-empires/issues/1431, https://github.com/facebook/lexical/pull/8711',
    steps: [
      insert('open the'),
      { on: 'redictate', old: 'open the', text: 'open the deaf' },
      { on: 'redictate', old: 'open the deaf', text: 'open the diff viewer' },
    ],
    bytes: 'open the deaf\x7f\x7f\x7fiff viewer',
  },
  {
    keyboard: 'iOS dictation',
    does: 'tells each of its edits twice',
    source: 'https://github.com/odoo/odoo/pull/160363',
    steps: [insert('hello'), { ...insert(''), type: '' }, insert(' world'), { ...insert(''), type: '' }],
    bytes: 'hello world',
  },
  {
    keyboard: 'Bluetooth keyboard on iOS',
    does: 'puts an accent on the next letter (a dead key)',
    source: 'https://w3c.github.io/uievents/#keys-dead',
    steps: [...spelling('´'), composeTo('´', 'é'), ended, named('Enter', 13)],
    bytes: 'é\r',
  },
  {
    keyboard: 'Bluetooth keyboard on iOS',
    does: 'repeats a held key and an arrow',
    source: 'https://w3c.github.io/uievents/ (repeat)',
    steps: [...typed('j'), ...typed('j'), named('ArrowLeft', 37), named('ArrowLeft', 37), ...typed('k')],
    bytes: 'jj\x1b[D\x1b[Dk',
  },
  {
    keyboard: 'iOS emoji',
    does: 'inserts a heart with its selector and takes it back',
    source: 'https://unicode.org/reports/tr51/ (variation selector 16)',
    steps: [insert('❤️'), remove(2), ...lettersOf('ok').map((word) => insert(word.slice(-1)))],
    bytes: '❤️\x7fok',
  },
  {
    keyboard: 'iOS Latin',
    does: 'sends Return as a line break that can be stopped',
    source: 'https://w3c.github.io/input-events/ (insertLineBreak in a textarea)',
    steps: [insert('a'), lineBreak(true), insert('b')],
    bytes: 'a\rb',
  },
]
