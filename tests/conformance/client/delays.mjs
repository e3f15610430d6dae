#!/usr/bin/env node
// How long after the server sent it does an event arrive?  Server and client read the same
// monotonic clock: each event carries the server's.
//
//   node delays.mjs COUNT INTERVAL_MS URL…     in turns; prints a list of milliseconds for each URL

import { request } from "node:http";

const [count, interval, ...urls] = process.argv.slice(2);

const call = (id) =>
  JSON.stringify({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: {
      name: "stamped_events",
      arguments: { count: Number(count), interval_ms: Number(interval) },
      _meta: {
        progressToken: id,
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  });

const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
  "mcp-name": "stamped_events",
};

/** One stream; resolves with the delay of each of its events. */
function stream(url, id) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "POST", headers: HEADERS });
    asked.on("error", reject);
    asked.on("response", (response) => {
      const delays = [];
      let held = "";
      response.on("data", (chunk) => {
        const now = process.hrtime.bigint();
        held += chunk;
        const lines = held.split("\n");
        held = lines.pop();
        for (const line of lines) {
          const sent = /"message":"(\d+)"/.exec(line)?.[1];
          if (sent) delays.push(Number(now - BigInt(sent)) / 1e6);
        }
      });
      response.on("end", () => resolve(delays));
      response.on("error", reject);
    });
    asked.end(call(id));
  });
}

const found = urls.map(() => []);
for (let round = 0; round < 4; round += 1) {
  for (const [at, url] of urls.entries()) {
    const delays = await stream(url, round);
    if (round > 0) found[at].push(...delays); // The first round warms both ends up.
  }
}
process.stdout.write(JSON.stringify(found), () => process.exit(0));
