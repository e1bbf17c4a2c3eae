import { describe, expect, it } from 'vitest';
import { Counters } from '../../../base/counters.ts';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import { cirHeloMs, cirSilenceMs } from '../../../imps/session/cir-connection.ts';
import {
  CallChannel,
  callConnectionsMax,
  callQueuedBytesMax,
  callUnboundMax,
  callUnboundPerAddressMax,
  type CalledSession,
} from './call-channel.ts';
import type { CallStream, CallStreamListener } from './call-stream.ts';

class Peer implements CallStream {
  queuedBytes = 0;
  end: 'closed' | 'aborted' | undefined;
  said: string[] = [];
  readonly remoteAddress: string;
  readonly listener: CallStreamListener | undefined;

  constructor(channel: CallChannel, remoteAddress = '192.0.2.1') {
    this.remoteAddress = remoteAddress;
    this.listener = channel.accept(this);
  }

  get isTaken(): boolean {
    return this.listener !== undefined;
  }

  write(text: string): void {
    this.said.push(text);
  }
  close(): void {
    this.end = 'closed';
  }
  abort(): void {
    this.end = 'aborted';
  }

  say(text: string): string[] {
    this.said = [];
    this.listener?.onText(text);
    return this.said;
  }
}

class Scene {
  readonly time = new VirtualTime(0);
  readonly counters = new Counters();
  readonly sessions = new Map<string, CalledSession>();
  readonly channel: CallChannel;

  constructor(connectionsMax?: number) {
    const { time, counters } = this;
    const sessionOf = (id: string): CalledSession | undefined => this.sessions.get(id);
    this.channel = new CallChannel({ clock: time, timers: time, counters, connectionsMax, sessionOf });
  }

  session(id: string, isWaiting = false): CalledSession {
    const session = { id, version: '1.2', cookie: 'c', isWaiting };
    this.sessions.set(id, session);
    return session;
  }

  bound(id: string): Peer {
    this.session(id);
    const peer = new Peer(this.channel);
    peer.say(`HELO ${id}\r\n`);
    return peer;
  }

  count(name: string): number | undefined {
    return [...this.counters.entries()].find((entry) => entry.name === name)?.value;
  }
}

const ok = 'OK\r\n';
const call = 'WVCI 1.2 c\r\n';

describe('calls over connections', () => {
  it('go to the connection of the session', () => {
    const scene = new Scene();
    const [mary, tom] = [scene.bound('m'), scene.bound('t')];
    for (const peer of [mary, tom]) peer.said = [];
    scene.channel.call(scene.session('m'));
    scene.channel.call(scene.session('nobody'));
    expect([mary.said, tom.said]).toEqual([[call], []]);
    expect(scene.count('restante_imps_calls_total{by="tcp"}')).toBe(1);
  });

  it('are made up for when something waits already', () => {
    const scene = new Scene();
    scene.session('m', true);
    expect(new Peer(scene.channel).say('HELO m\r\nPING\r\n')).toEqual([ok + ok + call]);
  });

  it('go to the newest connection of a session; the older is closed, and its end is nobody else’s', () => {
    const scene = new Scene();
    const [old, young] = [scene.bound('m'), scene.bound('m')];
    expect([old.end, young.end]).toEqual(['closed', undefined]);
    old.listener?.onClose();
    young.said = [];
    scene.channel.call(scene.session('m'));
    expect(young.said).toEqual([call]);
    expect(scene.count('restante_imps_cir_connections')).toBe(1);
  });

  it('follow a connection that names another session', () => {
    const scene = new Scene();
    const peer = scene.bound('m');
    scene.session('n');
    expect(peer.say('HELO n\r\n')).toEqual([ok]);
    peer.said = [];
    scene.channel.call(scene.session('m'));
    scene.channel.call(scene.session('n'));
    expect(peer.said).toEqual([call]);
    scene.channel.sessionEnded('m');
    expect(peer.end).toBeUndefined();
    scene.channel.sessionEnded('n');
    expect(peer.end).toBe('closed');
  });
});

describe('a connection for calls ends', () => {
  it('with its time to say who it is, and when it is silent for too long', async () => {
    const scene = new Scene();
    const [silent, mary] = [new Peer(scene.channel), scene.bound('m')];
    await scene.time.advance(cirHeloMs - 1);
    expect(silent.end).toBeUndefined();
    await scene.time.advance(1);
    expect([silent.end, mary.end]).toEqual(['closed', undefined]);
    mary.say('PING\r\n');
    await scene.time.advance(cirSilenceMs - 1);
    expect(mary.end).toBeUndefined();
    await scene.time.advance(1);
    expect(mary.end).toBe('closed');
    expect(scene.count('restante_imps_cir_connections')).toBe(0);
  });

  it('when it reads nothing of what it is answered', () => {
    const peer = new Scene().bound('m');
    peer.queuedBytes = callQueuedBytesMax;
    expect([peer.say('PING\r\n'), peer.end]).toEqual([[ok], undefined]);
    peer.queuedBytes += 1;
    peer.say('PING\r\n');
    expect(peer.end).toBe('aborted');
    expect(peer.say('PING\r\n')).toEqual([]);
  });

  it('with the server, which takes none after that', () => {
    const scene = new Scene();
    const mary = scene.bound('m');
    scene.channel.stop();
    expect([mary.end, new Peer(scene.channel).isTaken]).toEqual(['closed', false]);
  });
});

describe('connections for calls are at most', () => {
  it.each([
    ['in all', callUnboundMax, (at: number) => `192.0.2.${at}`],
    ['from one address', callUnboundPerAddressMax, () => '192.0.2.1'],
  ] as const)('so many without a session %s; the oldest gives place', (_what, max, addressOf) => {
    const scene = new Scene();
    const peers = Array.from({ length: max }, (_, at) => new Peer(scene.channel, addressOf(at)));
    expect(peers.some(({ end, isTaken }) => end !== undefined || !isTaken)).toBe(false);
    scene.session('m');
    expect(peers[0]?.say('HELO m\r\n')).toEqual([ok]);
    expect(new Peer(scene.channel, addressOf(0)).isTaken).toBe(true);
    expect(scene.count('restante_imps_cir_refused_total')).toBeUndefined();
    const late = new Peer(scene.channel, addressOf(1));
    expect([peers[0]?.end, peers[1]?.end, peers[2]?.end]).toEqual([undefined, 'aborted', undefined]);
    expect([late.isTaken, scene.count('restante_imps_cir_refused_total')]).toEqual([true, 1]);
    scene.session('n');
    expect(late.say('HELO n\r\n')).toEqual([ok]);
  });

  it('so many that none is refused for 10,000 who say nothing', () => {
    const scene = new Scene();
    scene.session('m');
    for (let at = 0; at < 10_000; at += 1) {
      // oxlint-disable-next-line no-new -- it is the channel that knows it
      new Peer(scene.channel, `10.0.${at >> 8}.${at & 255}`);
    }
    expect(scene.count('restante_imps_cir_connections')).toBe(callUnboundMax);
    expect(scene.bound('m').said).toEqual([ok]);
  });

  it.each([
    ['in all', undefined, callConnectionsMax],
    ['as the machine allows', 3, 3],
  ])('so many %s', (_what, allowed, connectionsMax) => {
    const scene = new Scene(allowed);
    for (let at = 0; at < connectionsMax; at += 1) scene.bound(`s${at}`);
    expect(scene.count('restante_imps_cir_connections')).toBe(connectionsMax);
    const late = new Peer(scene.channel);
    expect(late.isTaken).toBe(false);
    scene.channel.sessionEnded('s0');
    const silent = new Peer(scene.channel);
    expect([silent.isTaken, new Peer(scene.channel).isTaken, silent.end]).toEqual([true, true, 'aborted']);
  });
});
