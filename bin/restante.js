#!/usr/bin/env node
/**
 * The launcher. Runs the built program on Node.js 24 or later; started by an older one, it starts itself again with the
 * Node.js that npm installed beside it (the optional dependencies node-linux-*). Nothing here is newer than
 * Node.js 14, so that an old one can read it.
 */
import childProcess from 'child_process';
import fs from 'fs';
import module from 'module';
import path from 'path';
import url from 'url';
import v8 from 'v8';

const NODE_MAJOR_MIN = 24;
// Megabytes for each half of the young heap. V8 takes 32 and more of what is dead before it looks, and reads this only as it starts.
const YOUNG_HEAP = '--max-semi-space-size=8';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const launcher = url.fileURLToPath(import.meta.url);
const program = path.join(path.dirname(launcher), '..', 'dist', 'main.js');

if (!fs.existsSync(program)) {
  fail('the program is not built yet: run `npm run build` first');
} else if (parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  startAgain();
} else if (needsYoungHeap()) {
  // In place of this process, which nothing of the program has run in yet.
  process.execve(process.execPath, [process.execPath, YOUNG_HEAP, ...process.execArgv, ...process.argv.slice(1)]);
} else {
  endWithGuard();
  // V8 would move what is made while users log in to the old space for good, and with it what each message is made of.
  v8.setFlagsFromString('--no-allocation-site-pretenuring');
  void import(url.pathToFileURL(program).href);
}

function startAgain() {
  const node = findNode();
  // An older one again would start a third, and so on.
  if (node === undefined || isGuarded()) {
    fail(`needs Node.js ${NODE_MAJOR_MIN} or later, this is ${process.version}; run \`npm ci\` to get one`);
    return;
  }
  const environment = { ...process.env, RESTANTE_GUARD: String(process.pid) };
  const child = childProcess.spawn(node, [YOUNG_HEAP].concat(process.execArgv, launcher, process.argv.slice(2)), {
    env: environment,
    // The channel is how the program notices that this process is gone, even by kill -9.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (fault) => {
    fail(`cannot start ${node}: ${fault.message}`);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** A server alone lives long enough for that. What has a channel to its parent would lose it, and is given the flag there. */
function needsYoungHeap() {
  const flags = [process.env.NODE_OPTIONS || ''].concat(process.execArgv).join(' ');
  return (
    process.argv[2] === 'serve' && typeof process.execve === 'function' && !isGuarded() && !/semi.space/.test(flags)
  );
}

/** The program ends as abruptly as the process that started it for an old Node.js, so that no port stays taken. */
function endWithGuard() {
  if (!isGuarded()) return;
  delete process.env.RESTANTE_GUARD;
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}

function isGuarded() {
  return process.env.RESTANTE_GUARD === String(process.ppid);
}

function findNode() {
  try {
    const name = `node-${process.platform}-${process.arch}`;
    const description = module.createRequire(import.meta.url).resolve(`${name}/package.json`);
    return path.join(path.dirname(description), 'bin', 'node');
  } catch {
    return undefined;
  }
}

function fail(text) {
  process.stderr.write(`restante: ${text}\n`);
  process.exitCode = 2;
}
