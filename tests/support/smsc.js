// An SMSC on the npm package "smpp", told what to do by lines of JSON on its input; what happens it
// tells as lines of JSON on its output. Started by tests/support/smsc.py.
'use strict';

const fs = require('fs');
const readline = require('readline');
const smpp = require('smpp');

const options = JSON.parse(process.argv[2] || '{}');
let sessions = [];
let next = options.first_id || 1000;
// What submissions are answered with: { status, count } for so many, or silence.
let rule = {status: 0, count: 0};
// receipts: "none", "late" (after the response), "early" (before it).
let mode = {receipts: options.receipts || 'none', ids: 'same', state: 'DELIVRD', error: '000'};
const delivers = new Map();

function tell(event, fields) {
  process.stdout.write(JSON.stringify({event, ...fields}) + '\n');
}

function textOf(pdu) {
  const message = pdu.short_message || {};
  return {text: message.message === undefined ? '' : String(message.message),
          udh: (message.udh || []).map((one) => Buffer.from(one).toString('hex'))};
}

function receiptFor(session, pdu, number) {
  const id = mode.ids === 'hex-decimal' ? String(number)
      : mode.ids === 'decimal-hex' ? number.toString(16).toUpperCase() : idOf(number);
  session.deliver_sm({
    source_addr: pdu.destination_addr, source_addr_ton: 1, source_addr_npi: 1,
    destination_addr: pdu.source_addr, esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2401010000 done date:2401010001 ` +
        `stat:${mode.state} err:${mode.error} text:hello`,
  }, (answer) => tell('receipt_answered', {status: answer.command_status, id}));
}

function idOf(number) {
  return mode.ids === 'hex-decimal' ? number.toString(16).toUpperCase().padStart(8, '0')
                                    : String(number);
}

function submitted(session, name, pdu) {
  const number = next++;
  tell('submit', {
    session: name, source: pdu.source_addr, source_ton: pdu.source_addr_ton,
    source_npi: pdu.source_addr_npi, to: pdu.destination_addr, to_ton: pdu.dest_addr_ton,
    to_npi: pdu.dest_addr_npi, esm_class: pdu.esm_class, data_coding: pdu.data_coding,
    registered: pdu.registered_delivery, validity: pdu.validity_period, id: idOf(number),
    body: session.bodies.shift(), ...textOf(pdu),
  });
  if (rule.count !== 0) {
    rule.count -= 1;
    if (rule.drop) return session.socket.destroy();
    if (rule.silent) return undefined;
    if (rule.status !== 0) return session.send(pdu.response({command_status: rule.status}));
  }
  if (options.per_second) {
    const now = Math.floor(Date.now() / 1000);
    if (session.second !== now) Object.assign(session, {second: now, taken: 0});
    session.taken += 1;
    if (session.taken > options.per_second) {
      tell('throttled', {});
      return session.send(pdu.response({command_status: smpp.ESME_RTHROTTLED}));
    }
  }
  if (mode.receipts === 'early') receiptFor(session, pdu, number);
  const answer = () => session.send(pdu.response({message_id: idOf(number)}));
  if (mode.delay || mode.receipts === 'early') setTimeout(answer, mode.delay || 100);
  else answer();
  if (mode.receipts === 'late') setTimeout(() => receiptFor(session, pdu, number), 20);
  return undefined;
}

// The bodies of submit_sm as they came: what the package makes of them is its own.
function watch(session) {
  let bytes = Buffer.alloc(0);
  session.bodies = [];
  session.socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 16 && bytes.length >= bytes.readUInt32BE(0)) {
      const length = bytes.readUInt32BE(0);
      if (bytes.readUInt32BE(4) === 4) session.bodies.push(bytes.toString('hex', 16, length));
      bytes = bytes.subarray(length);
    }
  });
}

function connected(session) {
  let name = '';
  watch(session);
  session.on('error', () => {});
  const bind = (pdu) => {
    const good = !options.password || pdu.password === options.password;
    name = pdu.system_id;
    tell('bind', {system_id: pdu.system_id, system_type: pdu.system_type,
                  version: pdu.interface_version, good});
    if (!good) return session.send(pdu.response({command_status: smpp.ESME_RINVPASWD}));
    session.send(pdu.response({system_id: 'smsc'}));
    sessions.push(session);
    return undefined;
  };
  ['bind_transceiver', 'bind_transmitter', 'bind_receiver'].forEach((one) => session.on(one, bind));
  session.on('submit_sm', (pdu) => submitted(session, name, pdu));
  session.on('enquire_link', (pdu) => {
    tell('enquire_link', {session: name});
    if (!rule.deaf) session.send(pdu.response());
  });
  session.on('unbind', (pdu) => {
    tell('unbind', {session: name});
    session.send(pdu.response());
    session.close();
  });
  session.on('close', () => {
    sessions = sessions.filter((one) => one !== session);
    tell('close', {session: name});
  });
}

function obey(line) {
  const {command, ...fields} = JSON.parse(line);
  if (command === 'rule') rule = {status: 0, count: 0, ...fields};
  if (command === 'mode') mode = {...mode, ...fields};
  if (command === 'drop') sessions.forEach((session) => session.socket.destroy());
  if (command === 'unbind') sessions.forEach((session) => session.unbind());
  if (command === 'deliver') {
    const {tag, udh, text, ...rest} = fields;
    const message = udh ? {udh: Buffer.from(udh, 'hex'), message: text} : text;
    sessions[0].deliver_sm({...rest, short_message: message},
        (answer) => tell('delivered', {tag, status: answer.command_status}));
  }
  tell('done', {command});
}

const settings = {};
if (options.key) {
  settings.key = fs.readFileSync(options.key);
  settings.cert = fs.readFileSync(options.certificate);
}
const server = options.key ? smpp.createServer(settings, connected) : smpp.createServer(connected);
server.listen(options.port || 0, '127.0.0.1', () => tell('listening', {port: server.address().port}));
readline.createInterface({input: process.stdin}).on('line', obey)
    .on('close', () => process.exit(0));
