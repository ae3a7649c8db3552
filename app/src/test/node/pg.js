// node-postgres against Weir: prints one line when all is well, throws otherwise.
const assert = require('node:assert');
const { Client, Pool } = require('pg');

async function main() {
  const pool = new Pool({ connectionString: process.env.URL, max: 5 });
  const sums = await Promise.all(
    Array.from({ length: 40 }, (_, i) => pool.query('SELECT $1::int + 1 AS sum', [i])));
  sums.forEach((result, i) => assert.strictEqual(result.rows[0].sum, i + 1));
  await assert.rejects(pool.query('SELECT nothing'), (error) => error.code === '42703');
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('CREATE TEMP TABLE t (a int) ON COMMIT DROP');
  await client.query('INSERT INTO t SELECT generate_series(1, 10)');
  assert.strictEqual((await client.query('SELECT count(*)::int AS n FROM t')).rows[0].n, 10);
  await client.query('ROLLBACK');
  client.release();
  await pool.end();
  if (process.env.MODE === 'session') {
    const session = new Client({ connectionString: process.env.URL });
    await session.connect();
    const heard = new Promise((resolve) => session.once('notification', resolve));
    for (let i = 0; i < 3; i++) {
      const named = await session.query({ name: 'twice', text: 'SELECT $1::int * 2 AS n', values: [i] });
      assert.strictEqual(named.rows[0].n, i * 2);
    }
    await session.query('LISTEN node_news');
    await session.query("NOTIFY node_news, 'hello'");
    assert.strictEqual((await heard).payload, 'hello');
    await session.end();
  }
  console.log('all well');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
