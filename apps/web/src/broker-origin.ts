/**
 * Where the broker is: where the page itself says, when it is served from elsewhere (docs/recipes/page-elsewhere.md), else
 * where the page came from. Never by its address: a link must not be able to send a trusted page to a stranger's broker.
 */
export function brokerOrigin(): string {
  const said = document.querySelector('meta[name="latchkey-broker"]')?.getAttribute('content') ?? ''
  return said === '' ? location.origin : said
}
