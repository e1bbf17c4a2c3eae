/** The arrows of ARCHITECTURE.md hold in every file below src, and the reader that says so finds planted breaches. */
import { describe, expect, it } from 'vitest';
import { findArrowViolations, roomOf } from './house/arrow-rules.ts';
import { findWebViolations } from './house/web-rules.ts';
import { formatViolations, listFiles, readSource } from './house/source-file.ts';

/** Everything is read: of a machine that is busy that is much to ask. */
const readingMsMax = 120_000;

describe('the arrows of the house', () => {
  it(
    'hold in every file below src',
    () => {
      const paths = listFiles(['src']).filter((path) => path.endsWith('.ts'));
      expect(paths).toContain('src/base/time/clock.ts');
      expect(formatViolations(paths.flatMap((path) => findArrowViolations(readSource(path))))).toBe('');
    },
    readingMsMax,
  );
});

describe('the arrows of the pages', () => {
  it(
    'hold in every file below web',
    () => {
      const paths = listFiles(['web']).filter((path) => /\.tsx?$/.test(path) && path !== 'web/vite.config.ts');
      expect(paths).toContain('web/client/main.tsx');
      expect(formatViolations(paths.flatMap((path) => findWebViolations(readSource(path))))).toBe('');
    },
    readingMsMax,
  );

  it.each([
    ['web/api/call.ts', "import { ok } from '../../src/base/result.ts';", 'web-arrow'],
    ['web/api/call.ts', "import { nameOf } from '../words/names.ts';", 'web-arrow'],
    ['web/words/names.ts', "import type { Rule } from '../api/shapes.ts';"],
    ['web/console/main.tsx', "import { History } from '../history/history.ts';", 'web-arrow'],
    ['web/client/home.tsx', "import { useState } from 'preact/hooks'; import '../styles/base.css';"],
    ['web/client/home.tsx', "import { readFileSync } from 'node:fs';", 'web-arrow'],
    ['web/client/home.tsx', "import leftPad from 'left-pad';", 'web-arrow'],
    ['web/client/home.tsx', 'const a = <p dangerouslySetInnerHTML={{ __html: text }} />;', 'web-markup'],
    ['web/client/home.tsx', 'element.innerHTML = text;', 'web-markup'],
  ])('in %s: %s', (path, line, ...rules) => {
    expect(findWebViolations({ path, text: `${line}\n` }).map(({ rule }) => rule)).toEqual(rules);
  });
});

describe('roomOf', () => {
  it.each([
    ['src/main.ts', 'main'],
    ['src/config.ts', 'config'],
    ['src/config/settings.ts', 'config'],
    ['src/endpoints/sip/messaging/pager-message.ts', 'endpoints/sip'],
    ['src/stores/sqlite/writer.ts', 'stores'],
    ['src/utensils/spoon.ts', undefined],
    ['src/maintenance.ts', undefined],
  ])('%s is in %s', (path, room) => {
    expect(roomOf(path)).toBe(room);
  });
});

/** A file, one line in it, and the rules that it breaks. */
const planted: readonly (readonly [path: string, line: string, ...rules: string[]])[] = [
  ['src/delivery/mailbox.ts', "import { parseMessage } from '../sip/message/parse-message.ts';", 'arrow'],
  ['src/delivery/mailbox.ts', "import type { Uri } from '../sip/message/uri.ts';", 'arrow'],
  ['src/delivery/mailbox.ts', "export * from '../presence/compose.ts';", 'arrow'],
  ['src/delivery/mailbox.ts', "export { compose } from '../presence/compose.ts';", 'arrow'],
  ['src/delivery/mailbox.ts', "type C = import('../presence/compose.ts').Compose;", 'arrow'],
  ['src/delivery/mailbox.ts', "const c = await import('../presence/compose.ts');", 'arrow'],
  ['src/delivery/mailbox.ts', "import '../config.ts';", 'arrow'],
  ['src/delivery/mailbox.ts', "import { parseCondition } from '../conditions/parse-condition.ts';"],
  ['src/delivery/mailbox.ts', "import { ok } from '../base/result.ts';"],
  ['src/delivery/mailbox.ts', 'const c = await import(name);', 'import-literal'],
  ['src/delivery/mailbox.ts', "const fs = require('fs');", 'import-literal'],
  ['src/delivery/mailbox.ts', "import { readFile } from 'node:fs';", 'node-api'],
  ['src/delivery/mailbox.ts', "import { readFile } from 'fs';", 'package-room'],
  ['src/delivery/mailbox.ts', "import { x } from '../../scripts/x.ts';", 'leaves-src'],
  ['src/delivery/mailbox.ts', "import { x } from './entry.js';", 'import-extension'],
  ['src/delivery/mailbox.ts', "import { systemClock } from '../base/time/system-time.ts';", 'machine-file'],
  ['src/sip/transport/flows.ts', "import { UdpSocket } from './udp-socket.ts';", 'machine-file'],
  ['src/sip/transport/udp-socket.ts', "import { createSocket } from 'node:dgram';"],
  ['src/sip/digest.ts', "import { createHash } from 'node:crypto';", 'node-api'],
  ['src/sip/digest.ts', "import type { Address } from '../model/address.ts';", 'arrow'],
  ['src/model/address.ts', "import { parseCondition } from '../conditions/parse-condition.ts';", 'arrow'],
  ['src/base/time/timers.ts', "import type { Address } from '../../model/address.ts';", 'arrow'],
  ['src/stores/sqlite/mailbox.ts', "import type { MailboxStore } from '../../delivery/ports.ts';"],
  ['src/stores/sqlite/mailbox.ts', "import { decide } from '../../delivery/decide-delivery.ts';", 'arrow'],
  ['src/stores/sqlite/mailbox.ts', "import { MemoryMailbox } from '../memory/mailbox.ts';", 'arrow'],
  ['src/stores/sqlite/mailbox.ts', "import { migrate } from '../migrate.ts';"],
  ['src/stores/sqlite/mailbox.test.ts', "import { mailboxSuite } from '../mailbox-suite.ts';"],
  ['src/delivery/mailbox.test.ts', "import { MemoryMailbox } from '../stores/memory/mailbox.ts';"],
  ['src/delivery/mailbox.test.ts', "import { parseMessage } from '../sip/message/parse-message.ts';", 'arrow'],
  ['src/endpoints/sip/agent.ts', "import { page } from '../http/page.ts';", 'arrow'],
  ['src/endpoints/sip/agent.ts', "import { startServer } from '../../server.ts';", 'arrow'],
  ['src/server.ts', "import { serve } from './cli/serve.ts';", 'arrow'],
  ['src/main.ts', "import { runCli } from './cli/run-cli.ts';"],
  ['src/endpoints/http/app.ts', "import fastify from 'fastify';"],
  ['src/endpoints/sip/agent.ts', "import fastify from 'fastify';", 'package-room'],
  ['src/endpoints/http/docs.ts', "import swagger from '@fastify/swagger';"],
  ['src/base/log.ts', "import { pino } from 'pino';", 'package-room'],
  ['src/base/system-log.ts', "import { pino } from 'pino';"],
  ['src/formats/pidf.ts', "import { SaxesParser } from 'saxes';"],
  ['src/formats/pidf.ts', "import leftPad from 'left-pad';", 'package-room'],
  ['src/formats/pidf.ts', "import { it } from 'vitest';", 'package-room'],
  ['src/formats/pidf.test.ts', "import { it } from 'vitest'; import { readFileSync } from 'node:fs';"],
  ['src/presence/compose.ts', 'const now = Date.now();', 'machine-global'],
  ['src/presence/compose.ts', "const now = Date['now']();", 'machine-global'],
  ['src/presence/compose.ts', 'const now = new Date();', 'machine-global'],
  ['src/presence/compose.ts', 'const now = Date();', 'machine-global'],
  ['src/presence/compose.ts', 'const then = new Date(0), day = Date.UTC(2026, 1, 1);'],
  ['src/presence/compose.ts', 'const now = performance.now();', 'machine-global'],
  ['src/presence/compose.ts', 'const r = Math.random() + Math.max(1, 2);', 'machine-global'],
  ['src/presence/compose.ts', 'if (process.env.X) console.log(1);', 'machine-global', 'machine-global'],
  ['src/presence/compose.ts', 'setTimeout(() => {}, 5); setInterval(() => {}, 5);', 'machine-global', 'machine-global'],
  ['src/presence/compose.ts', 'const later = setTimeout;', 'machine-global'],
  ['src/presence/compose.ts', 'let timer: NodeJS.Timeout; let b: Buffer;', 'machine-global', 'machine-global'],
  ['src/presence/compose.ts', "const say = 'process.exit()'; // Date.now()"],
  ['src/presence/compose.ts', 'this.process(x.console, { fetch: 1, crypto() {} });'],
  ['src/cli/serve.ts', 'process.exitCode = Date.now();'],
  ['src/base/time/virtual-time.ts', 'setImmediate(resolve); setTimeout(resolve, 1);', 'machine-global'],
  ['src/kitchen/sink.ts', "import { ok } from '../base/result.ts';", 'room'],
];

describe('findArrowViolations', () => {
  it.each(planted)('in %s: %s', (path, line, ...rules) => {
    const found = findArrowViolations({ path, text: `/** Head. */\n${line}\n` });
    expect(found.map(({ rule }) => rule)).toEqual(rules);
    for (const violation of found) expect(violation).toMatchObject({ path, line: 2 });
  });
});
