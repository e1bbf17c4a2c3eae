import { describe, expect, it } from 'vitest';
import { readConfig, type Config } from '../config.ts';
import { credentialsCharactersMax } from './settings.ts';
import type { ConfigSources } from './sources.ts';

function configOf(sources: ConfigSources): Config {
  const result = readConfig(sources);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function faultOf(sources: ConfigSources): string {
  const result = readConfig(sources);
  return result.ok ? 'was taken' : result.error;
}

const external = { presence: 'external', 'presence-server': 'sip:192.0.2.7' };

describe('a presence server elsewhere', () => {
  it.each([
    ['sip:192.0.2.7', { host: '192.0.2.7', port: 5060, transport: 'udp', uri: 'sip:192.0.2.7:5060;transport=udp' }],
    ['sip:ps.example.com:5070', { host: 'ps.example.com', port: 5070, transport: 'udp' }],
    ['SIP:ps.example.com;transport=TCP', { transport: 'tcp', uri: 'sip:ps.example.com:5060;transport=tcp' }],
    ['sip:[2001:db8::7]:5070', { host: '2001:db8::7', uri: 'sip:[2001:db8::7]:5070;transport=udp' }],
  ])('is named %s', (text, server) => {
    const config = configOf({ flags: { ...external, 'presence-server': text } });
    expect(config.presenceServer?.server).toMatchObject(server);
    expect(configOf({ flags: { 'reg-server': text } }).regServer?.server).toMatchObject(server);
  });

  it.each([
    ['192.0.2.7', 'is not a SIP server'],
    ['http://ps.example.com', 'is not a SIP server'],
    ['sip:proxy@ps.example.com', 'is not a SIP server'],
    ['sips:ps.example.com', 'is not a SIP server'],
    ['sip:ps_1', 'which is neither a host nor an address'],
    ['sip:192.0.2.7:65536', 'has the port 65536; the highest is 65535'],
    ['sip:192.0.2.7:0', 'has the port 0'],
    ['sip:192.0.2.7;transport=ws', 'asks for transport=ws, which is not one of udp, tcp, tls'],
    ['sip:192.0.2.7;lr', 'is not a SIP server'],
  ])('is not %s', (text, fault) => {
    const said = faultOf({ flags: { ...external, 'presence-server': text } });
    expect(said).toMatch(/^--presence-server: "/);
    expect(said).toContain(fault);
    expect(said).not.toContain('\n');
  });

  it('is asked as inbox@ the first domain, or as who is named, with the password of the environment or the file', () => {
    const flags = { ...external, domain: ['Example.com', 'b.example'] };
    expect(configOf({ flags })).toMatchObject({ watchAs: 'inbox@example.com', presenceServer: { server: {} } });
    expect(configOf({ flags }).presenceServer).not.toHaveProperty('credentials');
    const environment = { RESTANTE_PRESENCE_PASSWORD: 'from the environment' };
    const file = {
      name: 'r.toml',
      text: 'presence-password = "from the file"\nreg-password = "x"\nreg-server = "sip:h"',
    };
    const named = { ...flags, 'watch-as': 'sip:Watcher@example.com' };
    expect(configOf({ flags: named, environment, file })).toMatchObject({
      watchAs: 'watcher@example.com',
      presenceServer: { credentials: { userName: 'watcher', password: 'from the environment' } },
      regServer: { credentials: { userName: 'watcher', password: 'x' } },
    });
    expect(configOf({ flags: { ...flags, 'presence-user': 'im' }, file })).toMatchObject({
      presenceServer: { credentials: { userName: 'im', password: 'from the file' } },
    });
  });

  it.each<[flags: Record<string, string>, fault: string]>([
    [{ presence: 'external' }, '--presence: external needs --presence-server'],
    [{ presence: 'elsewhere' }, '--presence: "elsewhere" is not one of internal, external'],
    [{ 'presence-server': 'sip:h' }, '--presence-server: counts only with --presence external'],
    [{ 'presence-user': 'im' }, '--presence-user: there is no --presence-server'],
    [{ 'reg-user': 'im' }, '--reg-user: there is no --reg-server'],
    [
      { ...external, 'presence-user': 'im' },
      '--presence-user: needs a password, in RESTANTE_PRESENCE_PASSWORD or presence-password in the file',
    ],
    [
      { 'reg-server': 'sip:h', 'reg-user': 'im' },
      '--reg-user: needs a password, in RESTANTE_REG_PASSWORD or reg-password in the file',
    ],
    [
      { ...external, sip: '192.0.2.7:5060' },
      '--presence-server: sip:192.0.2.7:5060;transport=udp is this server itself',
    ],
    [{ 'reg-server': 'sip:127.0.0.1' }, '--reg-server: sip:127.0.0.1:5060;transport=udp is this server itself'],
    [{ 'reg-server': 'sip:h;transport=tls' }, '--reg-server: transport=tls needs --sips'],
    [{ 'watch-as': 'inbox' }, '--watch-as: "inbox" is not an address such as core@example.com'],
    [
      { ...external, 'presence-password': 'secret' },
      '--presence-password: not on a command line; set RESTANTE_PRESENCE_PASSWORD, or presence-password in the file',
    ],
  ])('%o is refused in one line', (flags, fault) => {
    expect(faultOf({ flags })).toBe(fault);
  });

  it('a password that cannot be one is not shown', () => {
    const long = 'x'.repeat(credentialsCharactersMax);
    expect(faultOf({ environment: { RESTANTE_PRESENCE_PASSWORD: long } })).toBe('was taken');
    expect(faultOf({ environment: { RESTANTE_PRESENCE_PASSWORD: `${long}y` } })).toBe(
      `RESTANTE_PRESENCE_PASSWORD: the value is longer than ${credentialsCharactersMax} characters`,
    );
    expect(faultOf({ environment: { RESTANTE_REG_PASSWORD: 'a\tb' } })).toBe(
      'RESTANTE_REG_PASSWORD: the value has a control character',
    );
  });
});
