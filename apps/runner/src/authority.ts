import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/**
 * Trusts the certificate in `path` beside the usual authorities, for all connections of this process: the broker's are its
 * only ones. Does nothing when there is no such file.
 */
export function trustAuthority(path: string): void {
  const certificate = readCertificate(path)
  if (certificate !== null) setDefaultCACertificates([...getCACertificates('default'), certificate])
}

function readCertificate(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
