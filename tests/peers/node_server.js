// The canonical streams by Node's http module, or its http2. Prints its port, once it can be connected to.
// The streams and the error are its one argument, as JSON: {routes: {path: {gap, blocks}}, error, http2, tls},
// with tls = {key, cert} or null.

"use strict";

const http = require("node:http");
const http2 = require("node:http2");
const { setTimeout: pause } = require("node:timers/promises");

const { routes, error, ...how } = JSON.parse(process.argv[2]);

function encode({ comment, id, event, data, retry }) {
  let text = "";
  if (comment !== null) text += `: ${comment}\n`;
  if (id !== null) text += `id: ${id}\n`;
  if (event !== null) text += `event: ${event}\n`;
  if (data !== null) for (const line of data.split("\n")) text += `data: ${line}\n`;
  if (retry !== null) text += `retry: ${retry}\n`;
  return text + "\n";
}

async function play({ gap, blocks }, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  for (const [number, block] of blocks.entries()) {
    if (gap && number) await pause(gap * 1000);
    response.write(encode(block));
  }
  response.end();
}

function fail(status, body, response) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

function answer(request, response) {
  request.resume();
  const path = request.url.split("?")[0];
  if (Object.hasOwn(routes, path)) play(routes[path], response);
  else if (path === "/error") fail(500, error, response);
  else fail(404, { error: { message: "not found" } }, response);
}

function serve() {
  if (!how.http2) return http.createServer(answer);
  if (how.tls === null) return http2.createServer(answer);
  return http2.createSecureServer({ ...how.tls, allowHTTP1: true }, answer);
}

const server = serve();
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
