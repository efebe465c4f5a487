/**
 * What can be asked of `/graphql`: it reads and changes nothing, so there is no mutation. The file in docs is made of this, in
 * the order of the alphabet.
 */
export const MESH_SCHEMA = `
"""Milliseconds since the epoch, by the store's clock."""
scalar Moment

enum NodeRole { app runner }

"""How a peer token stands. There is never the token itself."""
enum TokenStatus { none valid expired revoked }

"""How a device session stands."""
enum SessionStatus { valid expired revoked }

"""A machine or phone that joined the mesh."""
type Node {
  id: ID!
  name: String!
  """the address it joined from: for people, it identifies nothing"""
  hostname: String!
  port: Int
  roles: [NodeRole!]!
  joinedAt: Moment!
  lastSeenAt: Moment
  """it has a live connection now"""
  connected: Boolean!
  """runners that it enrolled"""
  runners: [ID!]!
  tokenStatus: TokenStatus!
  tokenExpiresAt: Moment
}

"""What a node authenticates with, by the first characters of its digest."""
type PeerToken {
  handle: ID!
  nodeId: ID!
  permissions: [NodeRole!]!
  status: TokenStatus!
  createdAt: Moment!
  expiresAt: Moment!
  revokedAt: Moment
}

"""A signed-in node, by its public handle."""
type DeviceSession {
  handle: ID!
  nodeId: ID!
  status: SessionStatus!
  createdAt: Moment!
  expiresAt: Moment!
  revokedAt: Moment
}

"""What happened in device pairing. Never a PIN, never a token."""
type PairingEvent {
  number: Int!
  type: String!
  at: Moment!
  """names the pairing: the digest of its token"""
  pairing: ID
  nodeId: ID
  """what the node was called then; null where that was not written down"""
  name: String
  """who caused it: operator, device, or broker when its time had come"""
  actor: String!
  address: String
  reason: String
}

"""A pairing under way, or one that ended within the hour."""
type Pairing {
  id: ID!
  status: String!
  method: String!
  startedAt: Moment!
  expiresAt: Moment
  deviceName: String
  deviceAddress: String
  attemptsLeft: Int
  reason: String
}

"""A process that offers terminals."""
type Runner {
  id: ID!
  label: String!
  status: String!
  lastSeenAt: Moment
  """live terminal channels"""
  channels: Int!
  """apps that are paired with it"""
  apps: Int!
}

"""One attempt to pair an app with a runner. Its code is masked."""
type Attempt {
  at: Moment!
  outcome: String!
  appSessionId: ID
  runnerId: ID
  maskedCode: String!
  errorCode: String
}

type Query {
  nodes: [Node!]!
  node(id: ID!): Node
  tokens: [PeerToken!]!
  sessions: [DeviceSession!]!
  pairings: [Pairing!]!
  """the newest first"""
  events(limit: Int = 100, nodeId: ID): [PairingEvent!]!
  runners: [Runner!]!
  """the newest first"""
  history(limit: Int = 100, runnerId: ID): [Attempt!]!
}
`
