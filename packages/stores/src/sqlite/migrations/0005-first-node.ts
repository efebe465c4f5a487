import type { Migration } from '../../migration.ts'

/**
 * Which node the mesh began with, and which events changed the mesh, are columns of their own. Until now the first device was
 * told from the others by what it may do, since all others may do more.
 */
export const firstNode0005: Migration = {
  number: 5,
  name: 'first-node',
  sql: `
    ALTER TABLE mesh_nodes ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0;
    UPDATE mesh_nodes SET is_first = 1 WHERE roles = '["runner"]';
    ALTER TABLE pairing_events ADD COLUMN lasting INTEGER NOT NULL DEFAULT 0;
    UPDATE pairing_events SET lasting = 1 WHERE event LIKE '%"type":"PinVerified"%'
      OR event LIKE '%"type":"DeviceRegistered"%'
      OR event LIKE '%"type":"NodeAdded"%'
      OR event LIKE '%"type":"NodeRenamed"%'
      OR event LIKE '%"type":"NodeRevoked"%'
      OR event LIKE '%"type":"TokenRenewed"%'
      OR event LIKE '%"type":"RunnerEnrolled"%';
    CREATE INDEX pairing_events_lasting ON pairing_events (lasting, id);
  `,
}
