import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { settings } from './settings.ts';
import { gatherSettings, variableOf, type ConfigSources } from './sources.ts';

function faultOf(sources: ConfigSources): string | undefined {
  const result = readConfig(sources);
  return result.ok ? undefined : result.error;
}

const file = (text: string): { name: string; text: string } => ({ name: 'restante.toml', text });

describe('which source wins', () => {
  const flags = { sip: '127.0.0.1:1' };
  const environment = { RESTANTE_SIP: '127.0.0.1:2', RESTANTE_HTTP: '127.0.0.1:20' };
  const toml = file('sip = "127.0.0.1:3"\nhttp = "127.0.0.1:30"\nsettle = 3.5\n');

  it.each([
    ['the flag first', { flags, environment, file: toml }, 1],
    ['then the environment', { environment, file: toml }, 2],
    ['then the file', { file: toml }, 3],
    ['then the default', {}, 5060],
  ])('%s', (_name, sources, port) => {
    expect(readConfig(sources)).toMatchObject({ value: { sip: { port } } });
  });

  it('one setting at a time', () => {
    const sources = { flags, environment, file: toml };
    expect(readConfig(sources)).toMatchObject({ value: { http: { port: 20 }, settleMs: 3500 } });
  });

  it('takes an empty variable as not set', () => {
    expect(readConfig({ environment: { RESTANTE_SIP: '' } })).toMatchObject({ value: { sip: { port: 5060 } } });
  });
});

describe('the file', () => {
  it('has a key for every setting, with the natural types', () => {
    const text = [
      'domain = ["a.example", "b.example"]',
      'demo = true',
      'conditional = "off"',
      'quota-pair = 7',
      'trust = ["10.0.0.0/8"]',
      'validity-default = "2h"',
    ].join('\n');
    expect(readConfig({ file: file(text) })).toMatchObject({
      value: { domains: ['a.example', 'b.example'], isDemo: true, isConditional: false, quotaPair: 7 },
    });
  });

  it.each([
    ['sip = "5060"', 'sip in restante.toml: "5060" is not HOST:PORT, such as 127.0.0.1:5060 or [::1]:5060'],
    ['answer_within = 3', 'restante.toml: there is no key answer_within (did you mean answer-within?)'],
    ['domian = "a"', 'restante.toml: there is no key domian (did you mean domain?)'],
    ['colour = "red"', 'restante.toml: there is no key colour'],
    ['config = "x"', 'restante.toml: there is no key config'],
    ['[sip]\nhost = "x"', 'sip in restante.toml: is neither text, nor a number, nor a list of them'],
  ])('%s', (text, fault) => {
    expect(faultOf({ file: file(text) })).toBe(fault);
  });

  it('that is no TOML: the line and the column', () => {
    expect(faultOf({ file: file('sip = "a"\nhttp = = 1\n') })).toMatch(
      /^restante\.toml: line 2, column \d+: \S[^\n]*$/,
    );
  });
});

describe('the environment', () => {
  it('has a variable for every setting', () => {
    const environment = Object.fromEntries(settings.map(({ name }) => [variableOf(name), 'x']));
    const gathered = gatherSettings({ environment });
    expect(gathered.ok && [...gathered.value.keys()]).toEqual(settings.map(({ name }) => name));
    expect(variableOf('answer-within')).toBe('RESTANTE_ANSWER_WITHIN');
  });

  it('takes a list with commas or spaces', () => {
    expect(readConfig({ environment: { RESTANTE_DOMAIN: 'a.example b.example,c.example' } })).toMatchObject({
      value: { domains: ['a.example', 'b.example', 'c.example'] },
    });
  });

  it('names the variable that is wrong', () => {
    expect(faultOf({ environment: { RESTANTE_SETTLE: 'soon' } })).toMatch(/^RESTANTE_SETTLE: "soon" is not a time/);
  });

  it('refuses a variable with a typing error', () => {
    const fault = 'there is no variable RESTANTE_DOMIAN (did you mean RESTANTE_DOMAIN?)';
    expect(faultOf({ environment: { RESTANTE_DOMIAN: 'a' } })).toBe(fault);
  });

  it.each(['RESTANTE_PASSWORD', 'RESTANTE_CONFIG', 'RESTANTE_SERVICE_HOST', 'RESTANTE_PORT_5060_UDP', 'HOME'])(
    'leaves %s to others',
    (variable) => {
      expect(faultOf({ environment: { [variable]: 'x' } })).toBeUndefined();
    },
  );
});

describe('flags', () => {
  it('refuses one that does not exist', () => {
    expect(faultOf({ flags: { domian: 'a' } })).toBe('there is no flag --domian (did you mean --domain?)');
    expect(faultOf({ flags: { colour: 'a' } })).toBe('there is no flag --colour');
  });

  it('takes undefined as not given', () => {
    expect(faultOf({ flags: { sip: undefined, nonsense: undefined } })).toBeUndefined();
  });
});
