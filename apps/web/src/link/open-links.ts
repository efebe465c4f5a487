import type { FleetFeature } from '@latchkey/connection/app/fleet-feature'
import type { AppLink } from '@latchkey/connection/app/link'
import type { PushFeature } from '@latchkey/connection/app/push-feature'
import type { QuestionFeature } from '@latchkey/connection/app/question-feature'
import type { ShareFeature } from '@latchkey/connection/app/share-feature'
import type { StatusFeature } from '@latchkey/connection/app/status-feature'
import { subject } from '@latchkey/connection/observable'

/** What this page does with a machine beside its terminals. */
export interface LinkFeatures {
  readonly status: StatusFeature
  readonly questions: QuestionFeature
  readonly push: PushFeature
  readonly shares: ShareFeature
  readonly fleet: FleetFeature
}

/** An open link with its features. */
export interface OpenLink extends LinkFeatures {
  readonly link: AppLink
}

/** The links that are open, by runner. Apart from `links.ts`, which brings the whole connection: pages wait for none of it. */
export const openLinks = subject<ReadonlyMap<string, OpenLink>>(new Map())
