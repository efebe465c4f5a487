import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { z } from 'zod'

const findings = z.array(z.string())

/** What stands in the way of people who see, hear or move otherwise (WCAG 2.2 AA), as axe tells it; empty is the aim. */
export async function barriers(page: Page): Promise<readonly string[]> {
  const run = `${axe.source}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ' ' + n.html + ' ' + n.failureSummary)))`
  return findings.parse(await page.evaluate(run))
}
