// Tells what Postgres' own grammar makes of statements, as facts that the tests compare.
// Each line of the input is base64 of a text ("sql", the default) or of a parse tree in JSON ("tree").
// Each line of the output is "error", or for each statement "end,flags,functions,facts", the lists split by "|".
const { createInterface } = require('node:readline');

const VERBS = {
  TRANS_STMT_BEGIN: 'BEGIN', TRANS_STMT_START: 'BEGIN', TRANS_STMT_COMMIT: 'COMMIT', TRANS_STMT_ROLLBACK: 'ROLLBACK',
  TRANS_STMT_SAVEPOINT: 'SAVEPOINT', TRANS_STMT_RELEASE: 'RELEASE', TRANS_STMT_ROLLBACK_TO: 'ROLLBACK_TO',
  TRANS_STMT_PREPARE: 'PREPARE_TRANSACTION', TRANS_STMT_COMMIT_PREPARED: 'COMMIT_PREPARED',
  TRANS_STMT_ROLLBACK_PREPARED: 'ROLLBACK_PREPARED',
};
const CURSOR_HOLD = 0x20;

// Calls visit(type, node) for every node of a tree.
function walk(value, visit) {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) {
      for (let i = next.length - 1; i >= 0; i--) open.push(next[i]);
    } else if (next !== null && typeof next === 'object') {
      for (const [key, child] of Object.entries(next).reverse()) {
        if (child !== null && typeof child === 'object') {
          visit(key, child);
          open.push(child);
        }
      }
    }
  }
}

const has = (tree, ...types) => {
  let found = false;
  walk(tree, type => { found ||= types.includes(type); });
  return found;
};

const string = node => node?.A_Const?.sval?.sval ?? node?.A_Const?.val?.String?.str ?? node?.TypeCast?.arg?.A_Const?.sval?.sval;
const name = node => node.String.sval ?? node.String.str ?? '';
const set = (parameter, local, isDefault) => `SET ${parameter.toLowerCase()} ${!!local} ${!!isDefault}`;

function variable(statement, facts) {
  switch (statement.kind) {
    case 'VAR_RESET_ALL': return facts.push('RESET');
    case 'VAR_RESET': return facts.push(`RESET ${statement.name.toLowerCase()}`);
    case 'VAR_SET_MULTI':
      if (statement.name !== 'SESSION CHARACTERISTICS') return undefined;
      return statement.args.forEach(arg => facts.push(set(`default_${arg.DefElem.defname}`, statement.is_local, false)));
    default: return facts.push(set(statement.name, statement.is_local, statement.kind === 'VAR_SET_DEFAULT'));
  }
}

function root(type, statement, facts, flags) {
  switch (type) {
    case 'TransactionStmt': facts.push(`${VERBS[statement.kind]} ${!!statement.chain}`); break;
    case 'VariableSetStmt': variable(statement, facts); break;
    case 'PrepareStmt': facts.push(`PREPARE ${statement.name}`); break;
    case 'DeallocateStmt': facts.push(statement.name ? `DEALLOCATE ${statement.name}` : 'DEALLOCATE'); break;
    case 'ListenStmt': facts.push(`LISTEN ${statement.conditionname}`); break;
    case 'UnlistenStmt': facts.push(statement.conditionname ? `UNLISTEN ${statement.conditionname}` : 'UNLISTEN'); break;
    case 'NotifyStmt': facts.push(`NOTIFY ${statement.conditionname}`); break;
    case 'DiscardStmt': facts.push(`DISCARD ${(statement.target ?? 'DISCARD_ALL').slice(8)}`); break;
    case 'DeclareCursorStmt': if (statement.options & CURSOR_HOLD) flags.push('HOLD_CURSOR'); break;
    case 'ClosePortalStmt': flags.push('CLOSE_CURSOR'); break;
    case 'LoadStmt': flags.push('LOAD'); break;
    case 'CopyStmt': flags.push('COPY'); break;
    default: if (type.startsWith('Drop')) flags.push('DROP');
  }
}

function call(node, functions, facts) {
  const path = node.funcname.map(name);
  functions.push(path.join('.'));
  const args = node.args ?? [];
  switch (path.at(-1)) {
    case 'set_config': {
      const local = args.length === 3 && args[2].A_Const?.boolval?.boolval === true;
      const parameter = string(args[0]);
      if (parameter !== undefined) facts.push(set(parameter, local, false));
      else if (!local) facts.push('SET_UNKNOWN');
      break;
    }
    case 'setseed': facts.push(set('seed', false, false)); break;
    case 'pg_notify': facts.push(args[0].A_Const?.sval ? `NOTIFY ${args[0].A_Const.sval.sval}` : 'NOTIFY'); break;
    default:
  }
}

function reads(type, statement) {
  switch (type) {
    case 'SelectStmt':
      return !has(statement, 'intoClause', 'LockingClause', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt');
    case 'ExplainStmt': {
      const [inner, query] = Object.entries(statement.query)[0];
      return inner === 'SelectStmt' && reads(inner, query);
    }
    case 'CopyStmt':
      return !statement.is_from && !statement.is_program && !statement.filename
        && (!statement.query || reads(...Object.entries(statement.query)[0]));
    default: return type === 'VariableShowStmt';
  }
}

function judge({ stmt, stmt_location: from = 0, stmt_len: length }, textLength) {
  const [[type, statement]] = Object.entries(stmt);
  const facts = [];
  const flags = [];
  const functions = [];
  root(type, statement, facts, flags);
  if (reads(type, statement)) flags.push('READS');
  flags.push(type);
  walk(stmt, (kind, node) => {
    const routine = type === 'CreateFunctionStmt';
    if (kind === 'FuncCall' && !routine) call(node, functions, facts);
    if (kind === 'ExecuteStmt') facts.push(`EXECUTE ${node.name}`);
    if ((node.relpersistence === 't' || node.schemaname === 'pg_temp') && /Create|View|Select|into/i.test(type)
        && (node.relpersistence === 't' || /Create|View/.test(type))) flags.push('TEMPORARY');
  });
  const list = values => values.map(encodeURIComponent).join('|');
  return [length ? from + length : textLength, list(flags), list(functions), list(facts)].join(',');
}

async function main() {
  const trees = process.argv[2] === 'tree';
  const { parseSync, loadModule } = trees ? {} : require('libpg-query');
  await loadModule?.();
  for await (const line of createInterface({ input: process.stdin })) {
    const [text, lengthOfTree] = line.split(' ');
    const decoded = Buffer.from(text, 'base64');
    let answer = 'error';
    try {
      const { stmts = [] } = trees ? JSON.parse(decoded.toString()) : parseSync(decoded.toString());
      const length = trees ? Number(lengthOfTree) : decoded.length;
      answer = `ok ${stmts.map(statement => judge(statement, length)).join(' ')}`;
    } catch (e) {
      if (process.env.VERBOSE) console.error(e);
    }
    process.stdout.write(`${answer}\n`);
  }
}

main();
