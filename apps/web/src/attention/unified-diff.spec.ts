import { expect, it } from 'vitest'
import { fileDiffs } from './unified-diff.ts'

const TWO = `diff --git a/src/price.ts b/src/price.ts
index 1..2 100644
--- a/src/price.ts
+++ b/src/price.ts
@@ -12,3 +12,4 @@ export
 interface Price {
-  amount: number
+  /** Whole, never a part. */
+  cents: number
   currency: Currency
diff --git a/old.ts b/old.ts
deleted file mode 100644
--- a/old.ts
+++ /dev/null
@@ -1 +0,0 @@
--- a comment of SQL
\\ No newline at end of file
`

it('a diff is read by file, with the numbers of its lines', () => {
  const [price, old] = fileDiffs(TWO) ?? []
  expect(price).toMatchObject({ name: 'src/price.ts', added: 2, removed: 1 })
  expect(price?.pieces.find((piece) => piece.kind === 'lines')).toEqual({
    kind: 'lines',
    from: 12,
    to: 15,
    lines: [
      { kind: 'same', number: 12, text: 'interface Price {' },
      { kind: 'removed', number: 13, text: '  amount: number' },
      { kind: 'added', number: 13, text: '  /** Whole, never a part. */' },
      { kind: 'added', number: 14, text: '  cents: number' },
      { kind: 'same', number: 15, text: '  currency: Currency' },
    ],
  })
  expect(old).toMatchObject({ name: 'old.ts', added: 0, removed: 1 })
})

it('every line is shown: one that is no change is a note', () => {
  const files = fileDiffs(`${TWO}something else\n`) ?? []
  const shown = files.flatMap(({ pieces }) =>
    pieces.flatMap((piece) => (piece.kind === 'note' ? [piece.text] : piece.lines.map(({ text }) => text))),
  )
  const kept = TWO.split('\n').filter((line) => line !== '' && !/^(---|\+\+\+) (a|b|\/dev)|^@@/.test(line))
  expect(shown).toHaveLength(kept.length + 3)
  expect(shown).toContain('something else')
  expect(shown).toContain('\\ No newline at end of file')
})

it('a text that is no diff, or breaks off, is not taken for one', () => {
  for (const text of [
    '',
    'hello',
    '--- a\n+++ b\n@@ -1,2 +1,2 @@\n a\n',
    '--- a\n+++ b\n@@ -1 +1 @@\n*odd\n',
  ])
    expect(fileDiffs(text)).toBe(null)
})
