import type { Migration } from '../../migration.ts'

/**
 * Endpoints and the sender's lease as JSON; events in their order; the way of each event to each endpoint. `given`: 1 once
 * the endpoints have it. `head`: 1 on the oldest pending delivery of a subject to an endpoint, which alone may be sent.
 */
export const webhooks0006: Migration = {
  number: 6,
  name: 'webhooks',
  sql: `
    CREATE TABLE webhook_endpoints (
      id text COLLATE "C" PRIMARY KEY,
      value text NOT NULL,
      made_at bigint NOT NULL
    );

    CREATE TABLE webhook_events (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text COLLATE "C" NOT NULL UNIQUE,
      type text COLLATE "C" NOT NULL,
      subject text COLLATE "C" NOT NULL,
      at bigint NOT NULL,
      body text NOT NULL,
      only_for text COLLATE "C",
      given integer NOT NULL
    );
    CREATE INDEX webhook_events_new ON webhook_events (number) WHERE given <> 1;
    CREATE INDEX webhook_events_at ON webhook_events (at);

    CREATE TABLE webhook_deliveries (
      endpoint_id text COLLATE "C" NOT NULL,
      number bigint NOT NULL,
      subject text COLLATE "C" NOT NULL,
      status text COLLATE "C" NOT NULL,
      attempts integer NOT NULL,
      due_at bigint NOT NULL,
      last_at bigint,
      last_outcome text,
      head integer NOT NULL,
      PRIMARY KEY (endpoint_id, number)
    );
    CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at, number) WHERE head = 1;
    CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (endpoint_id, subject, number) WHERE status = 'pending';
    CREATE INDEX webhook_deliveries_number ON webhook_deliveries (number);
    CREATE INDEX webhook_deliveries_open ON webhook_deliveries (endpoint_id, status) WHERE status <> 'delivered';

    CREATE TABLE webhook_lease (
      name text COLLATE "C" PRIMARY KEY,
      value text NOT NULL
    );
  `,
}
