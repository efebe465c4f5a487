/** Which broker processes there are, and where: read from memory, so that asking costs nothing and never waits. */
export interface InstanceDirectory {
  /** this process */
  readonly nodeId: string
  /** where other brokers reach that process, as `http://host:port`; null when it is unknown, gone or said no address */
  addressOf(instanceId: string): string | null
  /** where people's browsers reach that very process; null when they cannot, or it is gone */
  publicUrlOf(instanceId: string): string | null
}
