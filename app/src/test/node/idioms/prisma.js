// What Prisma's engine does with a connection, by node-postgres' own frames: statements s0, s1, … are prepared and described
// in an exchange of their own, executed in others, closed when its cache is full; and DEALLOCATE ALL as with pgbouncer=true.
const { Client } = require('pg');
const { run, refused } = require('./run.js');

class Exchange {
  constructor(send) {
    this.submit = send;
    this.rows = [];
    this.done = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
  }
  handleRowDescription() {}
  handleDataRow(message) { this.rows.push(message.fields); }
  handleCommandComplete() {}
  handleEmptyQuery() {}
  handlePortalSuspended() {}
  handleError(error) { this.reject(error); }
  handleReadyForQuery() { this.resolve(this.rows); }
}

class Engine {
  constructor() {
    this.client = new Client(process.env.URL);
    this.client.on('error', () => {});
    this.next = 0;
    this.cache = new Map();
  }
  exchange(send) {
    return this.client.query(new Exchange((connection) => {
      send(connection);
      connection.sync();
    })).done;
  }
  async prepare(text) {
    const name = `s${this.next++}`;
    await this.exchange((connection) => {
      connection.parse({ name, text, types: [] });
      connection.describe({ type: 'S', name });
    });
    return name;
  }
  async query(text, values = []) {
    const name = this.cache.get(text) ?? await this.prepare(text);
    this.cache.set(text, name);
    const rows = await this.exchange((connection) => {
      connection.bind({ statement: name, values, portal: '', valueMapper: String });
      connection.execute({ portal: '', rows: 0 });
    });
    if (this.cache.size > 5) {
      const [oldest, closing] = this.cache.entries().next().value;
      this.cache.delete(oldest);
      await this.exchange((connection) => connection.close({ type: 'S', name: closing }));
    }
    return rows;
  }
}

async function engines(count, work) {
  const all = Array.from({ length: count }, () => new Engine());
  await Promise.all(all.map((engine) => engine.client.connect()));
  try {
    return await work(...all);
  } finally {
    all.forEach((engine) => engine.client.end().catch(() => {}));
  }
}

run({
  cacheOfStatements: () => engines(2, async (a, b) => {
    const seen = [];
    for (let i = 0; i < 20; i++) {
      seen.push(await a.query(`SELECT ${i % 8}, $1::int`, [i]), await b.query(`SELECT ${i % 6}, $1::text`, [i]));
    }
    return seen;
  }),
  transactions: () => engines(1, async (engine) => {
    await engine.query('CREATE TABLE author (id serial PRIMARY KEY, name text UNIQUE)');
    await engine.client.query('BEGIN');
    await engine.client.query('SET TRANSACTION ISOLATION LEVEL Serializable');
    const made = await engine.query('INSERT INTO author (name) VALUES ($1) RETURNING id', ['one']);
    await engine.client.query('COMMIT');
    await engine.client.query('BEGIN');
    const taken = await refused(engine.query('INSERT INTO author (name) VALUES ($1) RETURNING id', ['one']));
    await engine.client.query('ROLLBACK');
    return [made, taken, await engine.query('SELECT id, name FROM author')];
  }),
  deallocateAll: () => engines(2, async (a, b) => {
    const seen = [];
    for (let i = 0; i < 6; i++) {
      await a.client.query('DEALLOCATE ALL');
      a.cache.clear();
      a.next = 0;
      seen.push(await a.query('SELECT $1::int', [i]), await b.query('SELECT $1::int + 100', [i]));
    }
    return seen;
  }),
  introspection: () => engines(1, async (engine) => {
    await engine.query("CREATE TYPE mood AS ENUM ('calm', 'wild')");
    const types = await engine.query(
      `SELECT t.typname, t.typtype, e.typname FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON t.typelem = e.oid
        WHERE t.typname = $1`, ['_mood']);
    const labels = await engine.query(
      "SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = 'mood'::regtype ORDER BY enumsortorder");
    return [types, labels];
  }),
  preparedBeforeMigration: () => engines(2, async (engine, migration) => {
    await migration.client.query('CREATE TABLE migrated (a int); INSERT INTO migrated VALUES (1)');
    const before = await engine.query('SELECT a FROM migrated');
    await migration.client.query('ALTER TABLE migrated ADD b int DEFAULT 2');
    return [before, await engine.query('SELECT a FROM migrated')];
  }),
  advisoryLockOfMigrations: () => engines(2, async (a, b) => {
    const seen = [await a.query('SELECT pg_advisory_lock(72707369)'), await b.query('SELECT pg_try_advisory_lock(72707369)'),
      await a.query('SELECT pg_advisory_unlock(72707369)')];
    return seen;
  }),
});
