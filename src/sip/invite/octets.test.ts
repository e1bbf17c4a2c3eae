/** A session of either side as octets: every row, in order, from the first request to the last answer. */
import { expect, it } from 'vitest';
import { formatSipResponse } from '../message/format-message.ts';
import { content, InviteRig } from './invite-rig.ts';

const decoder = new TextDecoder();

/** What left since the last call, with line ends as in the text below. */
function left(rig: InviteRig): string {
  const requests = rig.transport.requestBytes.splice(0).map((bytes) => decoder.decode(bytes));
  const responses = rig.transport.responses.splice(0).map((each) => decoder.decode(formatSipResponse(each)));
  return [...requests, ...responses].join('----\r\n').replaceAll('\r\n', '\n');
}

it('theirs', () => {
  const rig = new InviteRig();
  const rows = ['Require: 100rel', 'Supported: timer', 'Session-Expires: 600', 'Record-Route: <sip:p1;lr>'];
  rig.receiveInvite({ rows });
  rig.invites[0]?.ring();
  const tag = rig.toTag;
  expect(left(rig)).toBe(`SIP/2.0 180 Ringing
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKpeer1
From: <sip:tom@example.com>;tag=from1
To: <sip:mary@example.com>;tag=${tag}
Call-ID: call1
CSeq: 1 INVITE
Record-Route: <sip:p1;lr>
Contact: <sip:192.0.2.9:5060;transport=udp>
Require: 100rel
RSeq: 1073741824
Server: rig
Content-Length: 0

`);
  rig.receiveWithin('PRACK', { rows: ['RAck: 1073741824 1 INVITE'] });
  expect(left(rig)).toBe(`SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKpeer2
From: <sip:tom@example.com>;tag=from1
To: <sip:mary@example.com>;tag=${tag}
Call-ID: call1
CSeq: 2 PRACK
Server: rig
Content-Length: 0

`);
  rig.accept('v=0');
  expect(left(rig)).toBe(`SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKpeer1
From: <sip:tom@example.com>;tag=from1
To: <sip:mary@example.com>;tag=${tag}
Call-ID: call1
CSeq: 1 INVITE
Record-Route: <sip:p1;lr>
Contact: <sip:192.0.2.9:5060;transport=udp>
Allow: ACK, BYE, CANCEL, INVITE, PRACK, UPDATE
Supported: timer, 100rel
Session-Expires: 600;refresher=uac
Require: timer
Server: rig
Content-Type: application/sdp
Content-Length: 3

v=0`);
  rig.receiveWithin('ACK', { cseq: 1 });
  rig.sessions[0]?.bye([['Reason', 'SIP;cause=200;text="all is said"']]);
  expect(left(rig)).toBe(`BYE sip:tom@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKt2;rport
Max-Forwards: 70
From: <sip:mary@example.com>;tag=${tag}
To: <sip:tom@example.com>;tag=from1
Call-ID: call1
CSeq: 1 BYE
Route: <sip:p1;lr>
Reason: SIP;cause=200;text="all is said"
Content-Length: 0

`);
});

it('ours', () => {
  const rig = new InviteRig();
  rig.call({ callId: 'ours', localTag: 'us', content: content('v=0') });
  expect(left(rig)).toBe(`INVITE sip:tom@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKt1;rport
From: <sip:mary@example.com>;tag=us
To: <sip:tom@example.com>
Call-ID: ours
CSeq: 1 INVITE
Contact: <sip:192.0.2.9:5060;transport=udp>
Supported: timer
Session-Expires: 1800
Min-SE: 90
Max-Forwards: 70
Allow: ACK, BYE, CANCEL, INVITE, PRACK, UPDATE
Content-Type: application/sdp
Content-Length: 3

v=0`);
  rig.respond(rig.lastOf('INVITE'), 200, { rows: ['Allow: UPDATE', 'Record-Route: <sip:p1;lr>'], body: 'v=1' });
  expect(left(rig)).toBe(`ACK sip:tom@192.0.2.1:5070 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKt2;rport
Max-Forwards: 70
From: <sip:mary@example.com>;tag=us
To: <sip:tom@example.com>;tag=peer1
Call-ID: ours
CSeq: 1 ACK
Route: <sip:p1;lr>
Content-Length: 0

`);
  const words = { callId: 'ours', fromTag: 'peer1', toTag: 'us', cseq: 7 };
  rig.receive({ method: 'UPDATE', ...words, rows: ['Contact: <sip:tom@192.0.2.5>'] });
  expect(left(rig)).toBe(`SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKpeer1
From: <sip:tom@example.com>;tag=peer1
To: <sip:mary@example.com>;tag=us
Call-ID: ours
CSeq: 7 UPDATE
Contact: <sip:192.0.2.9:5060;transport=udp>
Allow: ACK, BYE, CANCEL, INVITE, PRACK, UPDATE
Supported: timer, 100rel
Session-Expires: 1800;refresher=uas
Server: rig
Content-Length: 0

`);
  rig.sessions[0]?.offer(content('v=2'), () => undefined);
  expect(left(rig)).toBe(`INVITE sip:tom@192.0.2.5 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKt3;rport
Max-Forwards: 70
From: <sip:mary@example.com>;tag=us
To: <sip:tom@example.com>;tag=peer1
Call-ID: ours
CSeq: 2 INVITE
Contact: <sip:192.0.2.9:5060;transport=udp>
Route: <sip:p1;lr>
Content-Type: application/sdp
Allow: ACK, BYE, CANCEL, INVITE, PRACK, UPDATE
Supported: timer
Session-Expires: 1800;refresher=uac
Min-SE: 90
Content-Length: 3

v=2`);
});
