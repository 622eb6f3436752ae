// The canonical streams with content codings, by Node's http and zlib. Prints its port, once it can be
// connected to. The streams are its one argument, as JSON: {events, steps}, lists of texts.
// For the paths see coded_server.py.

"use strict";

const http = require("node:http");
const zlib = require("node:zlib");
const { EventEmitter, once } = require("node:events");

const { events, steps } = JSON.parse(process.argv[2]);
const go = new EventEmitter();

const CODERS = {
  gzip: [zlib.createGzip, zlib.constants.Z_SYNC_FLUSH],
  deflate: [zlib.createDeflate, zlib.constants.Z_SYNC_FLUSH],
  br: [zlib.createBrotliCompress, zlib.constants.BROTLI_OPERATION_FLUSH],
};

async function play(texts, coding, wait, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Content-Encoding": coding });
  const [make, flush] = CODERS[coding];
  const coder = make();
  coder.pipe(response);
  for (const [number, text] of texts.entries()) {
    if (wait && number) await once(go, "step");
    coder.write(text);
    coder.flush(flush);
  }
  coder.end();
}

const server = http.createServer((request, response) => {
  request.resume();
  const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
  const coding = searchParams.get("coding");
  if (pathname === "/events") play(events, coding, false, response);
  else if (pathname === "/steps") play(steps, coding, true, response);
  else {
    go.emit("step");
    response.end();
  }
});

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
