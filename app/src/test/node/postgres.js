// postgres.js against Weir: prints one line when all is well, throws otherwise.
const assert = require('node:assert');
const postgres = require('postgres');

async function main() {
  const session = process.env.MODE === 'session';
  const sql = postgres(process.env.URL, { max: 5, prepare: session });
  const sums = await Promise.all(Array.from({ length: 40 }, (_, i) => sql`SELECT ${i}::int + 1 AS sum`));
  sums.forEach((rows, i) => assert.strictEqual(rows[0].sum, i + 1));
  await assert.rejects(sql`SELECT nothing`, (error) => error.code === '42703');
  await assert.rejects(sql.begin(async (tx) => {
    await tx`CREATE TEMP TABLE t (a int) ON COMMIT DROP`;
    await tx`INSERT INTO t SELECT generate_series(1, 10)`;
    assert.strictEqual((await tx`SELECT count(*)::int AS n FROM t`)[0].n, 10);
    throw new Error('back');
  }), /back/);
  let rows = 0;
  await sql.begin((tx) => tx`SELECT generate_series(1, 1000) AS n`.cursor(100, (part) => { rows += part.length; }));
  assert.strictEqual(rows, 1000);
  const sleeping = sql`SELECT pg_sleep(60)`.execute();
  setTimeout(() => sleeping.cancel(), 300);
  await assert.rejects(sleeping, (error) => error.code === '57014');
  if (session) {
    const heard = new Promise((resolve) => sql.listen('postgres_js_news', resolve, () =>
      sql.notify('postgres_js_news', 'hello')));
    assert.strictEqual(await heard, 'hello');
  }
  await sql.end();
  console.log('all well');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
