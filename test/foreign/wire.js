// Protobuf and gRPC, as far as plugins need them, on Node's own HTTP/2. Written from the public pages of both.
'use strict';

const net = require('node:net');
const http2 = require('node:http2');

function varint(n) {
  const out = [];
  for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128);
  return Buffer.from([...out, n]);
}

// field writes one field: numbers and booleans as varints, strings and buffers with their length. A zero value is left out.
function field(number, value) {
  if (typeof value === 'boolean') value = value ? 1 : 0;
  if (typeof value === 'number') return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value);
  return bytes.length === 0 ? bytes : Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function message(...fields) {
  return Buffer.concat(fields);
}

// map writes a map of strings: each entry is a message with the fields 1 and 2.
function map(number, pairs) {
  return message(...Object.entries(pairs).map(([k, v]) => field(number, message(field(1, k), field(2, v)))));
}

// parse reads a message: the values of each field by its number. A reader skips fields that it does not know.
function parse(bytes) {
  const fields = new Map();
  let at = 0;
  const next = () => {
    let n = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = bytes[at++];
      n += (b & 127) * scale;
      if (b < 128) return n;
    }
  };
  while (at < bytes.length) {
    const tag = next();
    const type = tag % 8;
    let value;
    if (type === 0) value = next();
    else if (type === 2) {
      const length = next();
      value = bytes.subarray(at, (at += length));
    } else if (type === 1) value = bytes.subarray(at, (at += 8));
    else if (type === 5) value = bytes.subarray(at, (at += 4));
    else throw new Error(`a field of type ${type}`);
    const number = Math.floor(tag / 8);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return {
    text: (n) => Buffer.from(fields.get(n)?.at(-1) ?? '').toString(),
    number: (n) => fields.get(n)?.at(-1) ?? 0,
    all: (n) => fields.get(n) ?? [],
  };
}

// framed puts the five bytes before a message that gRPC wants: no compression, and its length.
function framed(bytes) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

// onMessages calls back for each message of a stream.
function onMessages(stream, got) {
  let rest = Buffer.alloc(0);
  stream.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      got(rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  });
}

// serve answers calls on a path or port. A unary handler gets the request and returns the response, or a promise of it; what it
// throws is the call's error. A handler in streams gets the stream.
function serve(unary, streams = {}) {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    const path = headers[':path'];
    stream.on('error', () => {});
    const fail = (code, text) => {
      if (!stream.destroyed) {
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': code, 'grpc-message': encodeURIComponent(text) },
          { endStream: true },
        );
      }
    };
    if (streams[path]) {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      streams[path](stream);
      return;
    }
    if (!unary[path]) {
      stream.resume();
      fail(12, `unknown method ${path}`);
      return;
    }
    onMessages(stream, async (request) => {
      try {
        const response = await unary[path](request, stream);
        if (stream.destroyed) return;
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(framed(response));
      } catch (err) {
        fail(2, err.message);
      }
    });
  });
  return server;
}

// connect opens a connection to an address as plugins name them: unix and a path, or tcp and host:port.
function connect(network, address) {
  const open = () => {
    if (network === 'unix') return net.connect(address);
    const colon = address.lastIndexOf(':');
    return net.connect(Number(address.slice(colon + 1)), address.slice(0, colon));
  };
  const session = http2.connect('http://localhost', { createConnection: open });
  session.on('error', () => {}); // the call that is under way fails with it
  return session;
}

function open(session, path) {
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
  stream.on('error', () => {});
  return stream;
}

// call is a unary call; it fails unless the status is 0.
function call(session, path, request) {
  return new Promise((resolve, reject) => {
    const stream = open(session, path);
    let response, status, text;
    const look = (headers) => {
      if (headers['grpc-status'] !== undefined) {
        status = Number(headers['grpc-status']);
        text = decodeURIComponent(headers['grpc-message'] ?? '');
      }
    };
    stream.on('response', look);
    stream.on('trailers', look);
    stream.on('close', () => {
      if (status === 0 && response) resolve(response);
      else reject(Object.assign(new Error(`${path}: status ${status}: ${text}`), { status }));
    });
    onMessages(stream, (m) => (response = Buffer.from(m)));
    stream.end(framed(request));
  });
}

module.exports = { field, message, map, parse, framed, onMessages, serve, connect, open, call };
