import type {
  MarketplaceConnection,
  MarketplaceView,
} from '@latchkey/connection/accounts/marketplace-connection'
import type { AccountState } from '@latchkey/protocol/accounts'

/** The state that the parts of the linking page draw. */
export interface AccountProps {
  readonly link: MarketplaceConnection
  readonly view: MarketplaceView
  readonly state: AccountState
}
