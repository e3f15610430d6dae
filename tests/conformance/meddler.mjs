#!/usr/bin/env node
// A streaming pass-through that does wrong what it is told to: the control of the comparison,
// which must find each of these, and nothing when nothing is wrong.
//
//   node meddler.mjs UPSTREAM [--rewrite-host] [--hold-events] [--drop NAME] [--no-cancel]
//                             [--break-json]
//
// --rewrite-host  sends the upstream's own Host and Origin
// --hold-events   sends an event stream only when it is whole
// --drop NAME     loses a header, in both directions
// --no-cancel     lets the upstream work on when the client has gone
// --break-json    writes answers anew, with another key for `name`

import { Agent, createServer, request as ask } from "node:http";

const [upstream, ...flags] = process.argv.slice(2);
const { host, hostname, port } = new URL(upstream);
const wrong = (flag) => flags.includes(flag);
const dropped = wrong("--drop") ? flags[flags.indexOf("--drop") + 1] : undefined;
const agent = new Agent({ keepAlive: true });

function withoutDropped(headers) {
  const kept = { ...headers };
  if (dropped) delete kept[dropped];
  return kept;
}

function forwarded(headers) {
  const kept = withoutDropped(headers);
  if (wrong("--rewrite-host")) {
    kept.host = host;
    if (kept.origin) kept.origin = `http://${host}`;
  }
  return kept;
}

/** The whole body, changed if it is to be. */
async function collected(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return wrong("--break-json") ? text.replaceAll('"name":', '"nome":') : text;
}

async function passBack(answer, response) {
  const events = answer.headers["content-type"]?.startsWith("text/event-stream");
  const whole = wrong("--break-json") || (wrong("--hold-events") && events);
  const headers = withoutDropped(answer.headers);
  if (whole) delete headers["content-length"];
  response.writeHead(answer.statusCode, headers);
  if (whole) {
    response.end(await collected(answer));
    return;
  }
  response.flushHeaders();
  answer.pipe(response);
}

const server = createServer((request, response) => {
  const { method, url } = request;
  const away = ask({ agent, hostname, port, method, path: url, headers: forwarded(request.headers), setHost: false });
  away.on("response", (answer) => {
    answer.on("error", () => response.destroy());
    passBack(answer, response).catch(() => response.destroy());
  });
  away.on("error", () => response.destroy());
  response.on("close", () => wrong("--no-cancel") || away.destroy());
  request.pipe(away);
});
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
