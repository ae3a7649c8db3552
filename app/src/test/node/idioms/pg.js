// node-postgres with its default settings.
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { Client, Pool } = require('pg');
const Cursor = require('pg-cursor');
const copy = require('pg-copy-streams');
const { run, refused } = require('./run.js');

async function connected(work, more = {}) {
  const client = new Client({ connectionString: process.env.URL, ...more });
  const query = client.query.bind(client);
  // Rows as arrays, since columns may have the same name.
  client.query = (what, parameters) => what.submit
    ? query(what)
    : query({ ...(typeof what === 'string' ? { text: what, values: parameters } : what), rowMode: 'array' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    client.end().catch(() => {});
  }
}

const values = (result) => result.rows;

run({
  poolOfFive: async () => {
    const pool = new Pool({ connectionString: process.env.URL, max: 5 });
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, i) => pool.query('SELECT $1::int + 1 AS sum', [i])));
    await pool.end();
    return results.map((result) => result.rows[0].sum);
  },
  poolWhoseClientsComeAndGo: async () => {
    const pool = new Pool({ connectionString: process.env.URL, max: 3, idleTimeoutMillis: 1, maxUses: 2 });
    const seen = [];
    for (let i = 0; i < 12; i++) {
      seen.push((await pool.query({ name: 'same', text: 'SELECT $1::int * 2 AS n', values: [i] })).rows[0].n);
    }
    await pool.end();
    return seen;
  },
  namedQueries: () => connected(async (client) => {
    const seen = [];
    for (let i = 0; i < 10; i++) {
      seen.push(...values(await client.query({ name: 'twice', text: 'SELECT $1::int * 2', values: [i] })));
      seen.push(...values(await client.query({ name: 'thrice', text: 'SELECT $1::int * 3', values: [i] })));
    }
    return seen;
  }),
  oneNameInTwoClients: () => connected((a) => connected(async (b) => {
    const seen = [];
    for (let i = 0; i < 5; i++) {
      seen.push(...values(await a.query({ name: 'q', text: "SELECT 'a', $1::int", values: [i] })));
      seen.push(...values(await b.query({ name: 'q', text: "SELECT 'b', $1::text, 0", values: [i] })));
    }
    return seen;
  })),
  namedQueryThatFails: () => connected(async (client) => {
    const query = (n) => client.query({ name: 'divides', text: 'SELECT 10 / $1::int AS n', values: [n] });
    return [values(await query(5)), await refused(query(0)), values(await query(2)),
      await refused(client.query({ name: 'bad', text: 'SELECT nothing' })),
      values(await client.query({ name: 'bad', text: 'SELECT 1' }))];
  }),
  cursorInTransaction: () => connected(async (client) => {
    await client.query('BEGIN');
    const cursor = client.query(new Cursor('SELECT generate_series(1, $1::int) AS n', [250]));
    const sizes = [];
    for (let rows = await cursor.read(100); rows.length > 0; rows = await cursor.read(100)) {
      sizes.push(rows.length);
    }
    await cursor.close();
    await client.query('COMMIT');
    return sizes;
  }),
  cursorWithoutTransaction: () => connected(async (client) => {
    const cursor = client.query(new Cursor('SELECT generate_series(1, 25) AS n'));
    const sizes = [(await cursor.read(10)).length, (await cursor.read(10)).length];
    await cursor.close();
    return [sizes, values(await client.query('SELECT 1'))];
  }),
  listen: () => connected((listener) => connected(async (notifier) => {
    const heard = [];
    const three = new Promise((resolve) => listener.on('notification', (news) => {
      heard.push([news.channel, news.payload]);
      if (heard.length === 3) resolve();
    }));
    await listener.query('LISTEN pg_one');
    await listener.query('LISTEN "pg Two"');
    await notifier.query("NOTIFY pg_one, 'first'");
    await notifier.query("BEGIN; SELECT pg_notify('pg Two', 'second'); COMMIT");
    await notifier.query("BEGIN; NOTIFY pg_one, 'undone'; ROLLBACK");
    await notifier.query('NOTIFY nobody');
    await listener.query("NOTIFY pg_one, 'its own'");
    await three;
    await listener.query('UNLISTEN *');
    await notifier.query("NOTIFY pg_one, 'too late'");
    await listener.query('SELECT 1');
    return heard;
  })),
  copy: () => connected(async (client) => {
    await client.query('CREATE TABLE copied (n int, word text)');
    const lines = Array.from({ length: 5000 }, (_, i) => `${i}\tword ${i}\n`).join('');
    await pipeline(Readable.from([lines]), client.query(copy.from('COPY copied FROM STDIN')));
    let size = 0;
    for await (const chunk of client.query(copy.to('COPY copied TO STDOUT'))) {
      size += chunk.length;
    }
    const bad = await refused(
      pipeline(Readable.from(['x\ty\n']), client.query(copy.from('COPY copied FROM STDIN'))));
    return [size === lines.length, bad, values(await client.query('SELECT count(*), sum(n) FROM copied'))];
  }),
  settings: () => connected(async (client) => {
    await client.query("SET search_path = pg_catalog; SET timezone = 'Asia/Tokyo'");
    await client.query("SELECT set_config('my.tenant', 'seven', false)");
    const seen = [];
    for (let i = 0; i < 5; i++) {
      seen.push(...values(await client.query(
        "SELECT current_setting('search_path'), current_setting('timezone'), current_setting('my.tenant')")));
    }
    return seen;
  }),
  startupSettings: () => connected(
    async (client) => values(await client.query(
      "SELECT current_setting('application_name'), current_setting('statement_timeout'), current_setting('lock_timeout'),"
      + " current_setting('work_mem'), current_setting('client_encoding')")),
    { application_name: 'mine', statement_timeout: 7000, lock_timeout: 6000, options: '-c work_mem=3MB' }),
  savepoints: () => connected(async (client) => {
    await client.query('BEGIN');
    await client.query('CREATE TABLE saved (n int)');
    await client.query('SAVEPOINT s');
    const bad = await refused(client.query('INSERT INTO saved VALUES ($1)', ['x']));
    const failed = await refused(client.query('SELECT 1'));
    await client.query('ROLLBACK TO s');
    await client.query('INSERT INTO saved VALUES ($1)', [1]);
    await client.query('COMMIT');
    return [bad, failed, values(await client.query('SELECT * FROM saved'))];
  }),
  types: () => connected(async (client) => {
    await client.query("CREATE TYPE mood AS ENUM ('calm', 'wild')");
    return values(await client.query(
      'SELECT $1::mood, $2::int[], $3::jsonb, $4::bytea, $5::timestamptz, $6::numeric, $7::bool, NULL',
      ['wild', [1, 2], { a: [1] }, Buffer.from('abc'), new Date(0), '1.50', true]));
  }),
  severalStatements: () => connected(async (client) => {
    const results = await client.query('SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SET work_mem = 1024; SHOW work_mem');
    return [results.map((result) => result.rows), values(await client.query('SHOW work_mem'))];
  }),
  temporaryTable: () => connected(async (client) => {
    await client.query('CREATE TEMP TABLE t (n int)');
    for (let i = 0; i < 5; i++) {
      await client.query('INSERT INTO t VALUES ($1)', [i]);
    }
    return values(await client.query('SELECT count(*), sum(n) FROM t'));
  }),
  advisoryLock: () => connected((a) => connected(async (b) => {
    await a.query('SELECT pg_advisory_lock(4711)');
    const taken = values(await b.query('SELECT pg_try_advisory_lock(4711)'));
    const freed = values(await a.query('SELECT pg_advisory_unlock(4711)'));
    return [taken, freed, values(await b.query('SELECT pg_try_advisory_lock(4711), pg_advisory_unlock(4711)'))];
  })),
  tableChangedBetweenNamedQueries: () => connected(async (client) => {
    await client.query('CREATE TABLE changing (a int); INSERT INTO changing VALUES (1)');
    const query = () => client.query({ name: 'changing', text: 'SELECT a FROM changing' });
    const before = values(await query());
    await client.query('ALTER TABLE changing ADD b int');
    return [before, values(await query())];
  }),
  manyQueuedQueries: () => connected(async (client) => {
    const all = Array.from({ length: 300 }, (_, i) => i % 10 === 3
      ? refused(client.query('SELECT 1 / $1::int', [0]))
      : client.query({ name: `q${i % 7}`, text: `SELECT ${i % 7} + $1::int AS n`, values: [i] }));
    return (await Promise.all(all)).map((result) => result.rows?.[0][0] ?? result);
  }),
});
