import type { MarketplaceLink, MarketplaceView } from '@latchkey/connection/linking/marketplace-link'
import type { LinkState } from '@latchkey/protocol/linking'

/** The state that the parts of the linking page draw. */
export interface LinkingProps {
  readonly link: MarketplaceLink
  readonly view: MarketplaceView
  readonly state: LinkState
}
