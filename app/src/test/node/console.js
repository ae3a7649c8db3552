// node-postgres and postgres.js at Weir's console: prints one line when all is well, throws otherwise.
const assert = require('node:assert');
const { Client } = require('pg');
const postgres = require('postgres');

async function main() {
  const client = new Client({ connectionString: process.env.URL });
  await client.connect();
  const lists = await client.query('SHOW LISTS');
  assert.strictEqual(lists.rows.length, 14);
  assert.strictEqual(lists.rows[0].items, 2);
  for (let i = 0; i < 3; i++) {
    const named = await client.query({ name: 'pools', text: 'SHOW POOLS' });
    assert.strictEqual(named.rows.at(-1).database, 'pgbouncer');
  }
  await assert.rejects(client.query('KILL_CLIENT $1', [4711]), (error) => error.code === '42704');
  assert.strictEqual((await client.query('SELECT 1')).rowCount, 1);
  await client.end();

  const sql = postgres(process.env.URL, { max: 1, fetch_types: false, onnotice: () => {} });
  const stats = await sql`SHOW STATS`;
  assert.ok(stats.columns.some((column) => column.name === 'avg_wait_time'));
  await sql.end();
  console.log('all well');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
