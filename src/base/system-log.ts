/** Structured logs as JSON lines through pino, on standard output unless another stream is given. */
import { pino } from 'pino';
import type { LoggerOptions } from 'pino';
import type { Log, LogFields } from './log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export function createSystemLog(level: LogLevel, stream?: { write(line: string): void }): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'text',
    formatters: { level: (label) => ({ level: label }) },
  };
  const logger = stream === undefined ? pino(options) : pino(options, stream);
  return {
    isDebugging: logger.isLevelEnabled('debug'),
    debug: (fields: LogFields, text: string) => logger.debug(fields, text),
    info: (fields: LogFields, text: string) => logger.info(fields, text),
    warn: (fields: LogFields, text: string) => logger.warn(fields, text),
    error: (fields: LogFields, text: string) => logger.error(fields, text),
  };
}
