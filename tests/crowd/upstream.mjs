#!/usr/bin/env node
// A fast MCP server of both eras for very many clients at once.  Every answer names the session
// and the client that it belongs to, so that an answer that went astray is known at sight.
//
//   node upstream.mjs [--astray N]     prints "listening on http://127.0.0.1:PORT"
//
// GET /stats tells its counts.  --astray gives each Nth result to the wrong client: the control.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

const sessions = new Map(); // id -> { client, stream }
const stats = { calls: 0, initialized: 0, ended: 0, strangers: 0 };

const CLIENT_INFO = "io.modelcontextprotocol/clientInfo";
const delayOf = (args) => args.server_delay_ms ?? 0;

function send(response, status, headers, body) {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

const refuse = (response, status, message) =>
  send(response, status, {}, JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32000, message } }));

const astray = process.argv[2] === "--astray" ? Number(process.argv[3]) : 0;
let last = "nobody|nobody|nothing"; // The text of the result before.

/** Whose call it is, and what it said; or, for each Nth, what somebody else's did. */
function textOf({ params }, session) {
  const right = `${session}|${params.arguments.client}|${params.arguments.payload}`;
  const given = astray && stats.calls % astray === 0 ? last : right;
  last = right;
  return given;
}

const event = (message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

/** The result of a call: who asked, and what. */
const resultOf = (message, session, modern) => ({
  jsonrpc: "2.0",
  id: message.id,
  result: {
    ...(modern ? { resultType: "complete" } : {}),
    content: [{ type: "text", text: textOf(message, session) }],
  },
});

/** As one JSON body, or as a stream with a progress notification before the result. */
function answerCall(message, response, session, modern) {
  const { params } = message;
  const result = resultOf(message, session?.id ?? "none", modern);
  if (!params.arguments.stream) return send(response, 200, {}, JSON.stringify(result));
  const progress = { progressToken: params._meta?.progressToken, progress: 1, message: params.arguments.client };
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.write(event({ jsonrpc: "2.0", method: "notifications/progress", params: progress }));
  setImmediate(() => response.end(event(result)));
}

function call(message, request, response) {
  const { params } = message;
  const modern = request.headers["mcp-protocol-version"] === "2026-07-28";
  const id = request.headers["mcp-session-id"];
  const session = modern ? undefined : sessions.get(id);
  if (!modern && !session) return refuse(response, 404, "Session not found");
  const owner = modern ? params._meta[CLIENT_INFO].name : session.client;
  if (owner !== params.arguments.client) stats.strangers += 1;
  stats.calls += 1;
  if (session?.stream && params.arguments.notify) {
    const data = { client: session.client, payload: params.arguments.payload };
    session.stream.write(event({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data } }));
  }
  const wait = delayOf(params.arguments);
  if (wait) setTimeout(answerCall, wait, message, response, session && { id }, modern);
  else answerCall(message, response, session && { id }, modern);
}

function initialize({ id, params }, response) {
  const session = randomUUID();
  sessions.set(session, { client: params.clientInfo.name });
  stats.initialized += 1;
  const result = {
    protocolVersion: params.protocolVersion,
    capabilities: { tools: {}, logging: {} },
    serverInfo: { name: "crowd", version: "1" },
  };
  send(response, 200, { "mcp-session-id": session }, JSON.stringify({ jsonrpc: "2.0", id, result }));
}

function post(text, request, response) {
  const message = JSON.parse(text);
  if (message.method === "initialize") return initialize(message, response);
  if (message.method === "tools/call") return call(message, request, response);
  response.writeHead(202).end();
}

/** The stream on which a session hears what it did not ask for. */
function listen(request, response) {
  const session = sessions.get(request.headers["mcp-session-id"]);
  if (!session) return refuse(response, 404, "Session not found");
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(": open\n\n");
  session.stream = response;
}

function end(request, response) {
  const session = sessions.get(request.headers["mcp-session-id"]);
  if (!session) return refuse(response, 404, "Session not found");
  session.stream?.end();
  sessions.delete(request.headers["mcp-session-id"]);
  stats.ended += 1;
  response.writeHead(200).end();
}

const server = createServer((request, response) => {
  if (request.url === "/stats") return send(response, 200, {}, JSON.stringify({ ...stats, open: sessions.size }));
  if (request.method === "GET") return listen(request, response);
  if (request.method === "DELETE") return end(request, response);
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => post(Buffer.concat(chunks).toString(), request, response));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 4096, () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
