import { readFileSync } from 'node:fs'
import * as tls from 'node:tls'

/**
 * Trusts the certificate in `path` beside the usual authorities, for all connections of this process: a broker's are its
 * only ones. Does nothing when there is no such file, or on Node before 22.19, which cannot: there NODE_EXTRA_CA_CERTS
 * names the file before the process starts.
 */
export function trustAuthority(path: string): void {
  const certificate = readCertificate(path)
  if (certificate === null || typeof tls.setDefaultCACertificates !== 'function') return
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificate])
}

function readCertificate(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
