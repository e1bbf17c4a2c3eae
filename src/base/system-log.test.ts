import { describe, expect, it } from 'vitest';
import { createSystemLog } from './system-log.ts';

describe('createSystemLog', () => {
  const lines: string[] = [];
  const stream = { write: (line: string): void => void lines.push(line) };

  it('writes one JSON object a line, with the time, the fields and the sentence', () => {
    createSystemLog('info', stream).info({ port: 5060 }, 'listening');
    const record: unknown = JSON.parse(lines.pop() ?? '');
    expect(record).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      port: 5060,
      text: 'listening',
    });
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('at level %s writes %i of four lines', (level, count) => {
    lines.length = 0;
    const log = createSystemLog(level, stream);
    for (const write of ['debug', 'info', 'warn', 'error'] as const) log[write]({}, 'x');
    expect(lines).toHaveLength(count);
  });
});
