import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { barriers } from './barriers.ts'
import { shot } from './phone.ts'

/** No page scrolls sideways. */
const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)

/** Asks what can be asked of every page, and takes a picture of it where people want to judge it. */
export async function look(page: Page, name: string): Promise<void> {
  await shot(page, name)
  expect(await barriers(page), name).toEqual([])
  expect(await isTooWide(page), name).toBe(false)
}
