// postgres.js with its default settings: statements are prepared by name, types are fetched.
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const postgres = require('postgres');
const { run, refused } = require('./run.js');

async function connected(work, more = {}) {
  const sql = postgres(process.env.URL, { onnotice: () => {}, ...more });
  try {
    return await work(sql);
  } finally {
    sql.end({ timeout: 1 }).catch(() => {});
  }
}

run({
  parallel: () => connected(async (sql) => (await Promise.all(
    Array.from({ length: 60 }, (_, i) => sql`SELECT ${i}::int + 1 AS sum`))).map((rows) => rows[0].sum)),
  again: () => connected(async (sql) => {
    const seen = [];
    for (let i = 0; i < 10; i++) {
      seen.push((await sql`SELECT ${i}::int * 2 AS n`)[0].n, (await sql`SELECT ${i}::int * 3 AS n`)[0].n);
    }
    return seen;
  }, { max: 1 }),
  pipelined: () => connected(async (sql) => (await Promise.all(Array.from({ length: 200 }, (_, i) => i % 20 === 7
    ? refused(sql`SELECT 1 / ${0}::int`)
    : sql`SELECT ${i}::int AS n`))).map((rows) => rows[0].n ?? rows), { max: 1 }),
  errors: () => connected(async (sql) => [
    await refused(sql`SELECT nothing`),
    await refused(sql`SELECT ${'x'}::int`),
    (await sql`SELECT 1 AS n`)[0].n], { max: 1 }),
  transactions: () => connected(async (sql) => {
    await sql`CREATE TABLE moved (n int)`;
    const undone = await refused(sql.begin(async (tx) => {
      await tx`INSERT INTO moved VALUES (1)`;
      await tx`SELECT nothing`;
    }));
    await sql.begin(async (tx) => {
      await tx`INSERT INTO moved VALUES (2)`;
      await tx.savepoint(async (inner) => {
        await inner`INSERT INTO moved VALUES (3)`;
        throw new Error('back');
      }).catch(() => {});
      await tx.savepoint((inner) => inner`INSERT INTO moved VALUES (4)`);
    });
    return [undone, [...await sql`SELECT n FROM moved ORDER BY n`]];
  }),
  readOnly: () => connected(async (sql) => refused(
    sql.begin('isolation level serializable read only', (tx) => tx`CREATE TABLE never (a int)`))),
  cursor: () => connected(async (sql) => {
    const sizes = [];
    await sql`SELECT generate_series(1, 1000) AS n`.cursor(300, (rows) => { sizes.push(rows.length); });
    for await (const rows of sql`SELECT generate_series(1, 50) AS n`.cursor(20)) {
      sizes.push(rows.length);
    }
    return [sizes, (await sql`SELECT 1 AS n`)[0].n];
  }, { max: 1 }),
  forEach: () => connected(async (sql) => {
    let sum = 0;
    await sql`SELECT generate_series(1, 1000) AS n`.forEach((row) => { sum += row.n; });
    return sum;
  }),
  cancel: () => connected(async (sql) => {
    const sleeping = sql`SELECT pg_sleep(60)`.execute();
    setTimeout(() => sleeping.cancel(), 300);
    return [await refused(sleeping), (await sql`SELECT 1 AS n`)[0].n];
  }),
  listen: () => connected(async (sql) => {
    const heard = [];
    let resolve;
    const two = new Promise((done) => { resolve = done; });
    const { unlisten } = await sql.listen('postgres_js_news', (payload) => {
      heard.push(payload);
      if (heard.length === 2) resolve();
    });
    await sql.notify('postgres_js_news', 'one');
    await sql.begin((tx) => tx.notify('postgres_js_news', 'two'));
    await two;
    await unlisten();
    await sql.notify('postgres_js_news', 'too late');
    return heard;
  }),
  copy: () => connected(async (sql) => {
    await sql`CREATE TABLE copied (n int, word text)`;
    const lines = Array.from({ length: 3000 }, (_, i) => `${i}\tword ${i}\n`).join('');
    await pipeline(Readable.from([lines]), await sql`COPY copied FROM STDIN`.writable());
    let size = 0;
    for await (const chunk of await sql`COPY (SELECT * FROM copied LIMIT 100) TO STDOUT`.readable()) {
      size += chunk.length;
    }
    return [size, [...await sql`SELECT count(*), sum(n) FROM copied`]];
  }),
  types: () => connected(async (sql) => {
    await sql`CREATE TYPE mood AS ENUM ('calm', 'wild')`;
    await sql`CREATE TABLE felt (m mood, all_of mood[], n int[], j jsonb, d timestamptz)`;
    await sql`INSERT INTO felt ${sql({ m: 'wild', all_of: '{calm,wild}', n: [1, 2], j: { a: 1 }, d: new Date(0) })}`;
    return [...await sql`SELECT * FROM felt WHERE m = ${'wild'} AND n @> ${[1]}`];
  }),
  typesOfNewConnections: () => connected(async (sql) => [...await sql`SELECT ${['a', 'b']}::text[] AS words`]),
  describe: () => connected(async (sql) => {
    const { types, columns } = await sql`SELECT ${1}::int AS n, 'x'::text AS word`.describe();
    return [types, columns.map((column) => [column.name, column.type])];
  }),
  simple: () => connected(async (sql) => (await sql.unsafe('SELECT 1 AS a; SELECT 2 AS b')).map((rows) => [...rows])),
  unprepared: () => connected(async (sql) => [...await sql.unsafe('SELECT $1::int AS n', [5])]),
  reserved: () => connected(async (sql) => {
    const mine = await sql.reserve();
    await mine`SET search_path = pg_catalog`;
    await mine`CREATE TEMP TABLE t AS SELECT 5 AS n`;
    const seen = [(await mine`SHOW search_path`)[0].search_path, (await mine`SELECT n FROM t`)[0].n];
    mine.release();
    return seen;
  }),
  startupSettings: () => connected(
    async (sql) => [...await sql`SELECT current_setting('application_name') AS a, current_setting('work_mem') AS w`],
    { connection: { application_name: 'mine', work_mem: '3MB' } }),
  itsOwnStartupSettings: () => connected(async (sql) => [...await sql`SELECT current_setting('application_name') AS a`]),
  tableChanged: () => connected(async (sql) => {
    await sql`CREATE TABLE changing AS SELECT 1 AS a`;
    const query = () => sql`SELECT a FROM changing`;
    const before = [...await query()];
    await sql`ALTER TABLE changing ADD b int`;
    return [before, [...await query()]];
  }, { max: 1 }),
});
