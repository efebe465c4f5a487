import { expect, test } from 'vitest'
import { wasTried, withTried } from './tried-pins.ts'

test('digits that were typed once are known the second time', () => {
  const tried = withTried(withTried('', '123456'), '654321')
  expect([wasTried(tried, '123456'), wasTried(tried, '654321'), wasTried(tried, '111111')]).toEqual([
    true,
    true,
    false,
  ])
  expect(wasTried('', '')).toBe(false)
})

test('only so many are kept, the newest', () => {
  let tried = ''
  for (let pin = 100_000; pin < 100_100; pin++) tried = withTried(tried, String(pin))
  expect(wasTried(tried, '100099')).toBe(true)
  expect(wasTried(tried, '100000')).toBe(false)
  expect(tried.split(' ')).toHaveLength(32)
})
