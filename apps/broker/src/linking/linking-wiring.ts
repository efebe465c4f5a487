/** The names under which linking's parts are injected; see `wiring.ts` for the broker's own. */
export const LINK_TOKENS = Symbol('LinkTokens')
export const MARKETPLACE_DESK = Symbol('MarketplaceDesk')
export const MARKETPLACE_USE_CASES = Symbol('MarketplaceUseCases')
