import type { Migration } from '../../migration.ts'

/**
 * Endpoints and the sender's lease as JSON; events in their order; the way of each event to each endpoint. `given`: 1 once
 * the endpoints have it. `head`: 1 on the oldest pending delivery of a subject to an endpoint, which alone may be sent.
 */
export const webhooks0007: Migration = {
  number: 7,
  name: 'webhooks',
  sql: `
    CREATE TABLE webhook_endpoints (
      id TEXT PRIMARY KEY,
      value TEXT NOT NULL,
      made_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE webhook_events (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      type TEXT NOT NULL,
      subject TEXT NOT NULL,
      at INTEGER NOT NULL,
      body TEXT NOT NULL,
      only_for TEXT,
      given INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX webhook_events_new ON webhook_events (number) WHERE given <> 1;
    CREATE INDEX webhook_events_at ON webhook_events (at);

    CREATE TABLE webhook_deliveries (
      endpoint_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      subject TEXT NOT NULL,
      status TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      due_at INTEGER NOT NULL,
      last_at INTEGER,
      last_outcome TEXT,
      head INTEGER NOT NULL,
      PRIMARY KEY (endpoint_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at, number) WHERE head = 1;
    CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (endpoint_id, subject, number) WHERE status = 'pending';
    CREATE INDEX webhook_deliveries_number ON webhook_deliveries (number);
    CREATE INDEX webhook_deliveries_open ON webhook_deliveries (endpoint_id, status) WHERE status <> 'delivered';

    CREATE TABLE webhook_lease (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
}
