// Runs idioms one after the other and prints what each saw, a line each. The lines must be the same with and without a
// pooler in between. $IDIOM is a regular expression for the names of those to run; all by default.
const LIMIT_MILLIS = 8000;

function withinLimit(promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), LIMIT_MILLIS);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

exports.run = async (idioms) => {
  const wanted = new RegExp(process.env.IDIOM || '');
  process.on('unhandledRejection', (error) => console.log(`unhandled = FAILED ${error.message}`));
  for (const [name, idiom] of Object.entries(idioms)) {
    if (wanted.test(name)) {
      const seen = await withinLimit(idiom()).then(
        (value) => JSON.stringify(value),
        (error) => `FAILED ${error.code ?? ''} ${error.message}`.replaceAll('\n', ' '));
      console.log(`${name} = ${seen}`);
    }
  }
  process.exit(0);
};

// The SQLSTATE with which this is refused.
exports.refused = (promise) => promise.then(() => 'accepted', (error) => error.code ?? error.message);
