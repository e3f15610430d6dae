#!/usr/bin/env node
// A real client goes through a server's whole surface and says on stdout, as JSON, what it saw.
//
//   node drive.mjs v1|v2 legacy|modern http|sse URL fixture|everything
//   node drive.mjs v1 legacy stdio COMMAND… fixture|everything     behind a bridge

import { everythingSteps, fixtureSteps } from "./steps.mjs";
import { Witness } from "./witness.mjs";

const [version, era, transport, ...rest] = process.argv.slice(2);
const server = rest.pop();
const { connect } = await import(`./sdk_${version}.mjs`);
const witness = new Witness();
const seen = { updated: [], logged: [] };

const answers = {
  elicitation: (params) => {
    witness.say({ asked: "elicitation", message: params.message });
    return { action: "accept", content: { username: "tester", email: "tester@example.com" } };
  },
  sampling: (params) => {
    witness.say({ asked: "sampling", text: params.messages[0].content.text });
    return { model: "none", role: "assistant", content: { type: "text", text: "A sampled answer." } };
  },
  roots: () => ({ roots: [] }), // Asked for at the server's leisure, so of no step.
  updated: (params) => void seen.updated.push(params.uri),
  logged: (params) => void seen.logged.push(params),
};

const client = await connect({ url: rest[0], command: rest, era, transport, witness, answers });
const session = client.session();
const steps = server === "fixture" ? fixtureSteps : everythingSteps;
await steps({ client, witness, seen, era, transport, url: rest[0] });
// Bridges and event sources may keep the loop alive.
process.stdout.write(JSON.stringify({ ...witness.seen(), session }), () => process.exit(0));
