import { expect, test } from 'vitest'
import { lineModeOf } from './line-mode.ts'

test('the words of GNU and BSD stty are read', () => {
  expect(lineModeOf('speed 38400 baud; rows 24;\nisig icanon iexten -echo echoe -xcase\n')).toEqual({
    echo: false,
    canonical: true,
  })
  expect(lineModeOf('lflags: -icanon isig iexten echo echoe echoke\niflags: -istrip')).toEqual({
    echo: true,
    canonical: false,
  })
})

test('what is no answer says nothing', () => {
  expect(lineModeOf('sh: cannot open /dev/pts/9: No such file')).toBeNull()
})
