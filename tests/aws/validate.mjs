// Checks CloudFormation templates with AWS's own validator: node validate.mjs FILE…
//
// Prints what it says, a line each; ends with 1 if there is anything.  Errors in enumerations
// are reported as WARN only, so that counts too.

import { RegoEngine, TemplateFile } from "@aws/cloudformation-validate";

const engine = new RegoEngine();
let found = 0;
for (const path of process.argv.slice(2)) {
  const report = engine.validateStandard(new TemplateFile(path), { severityLevel: "WARN" });
  for (const { severity, ruleId, message, resourceId } of report.diagnostics) {
    // The role of a firehose subscription is whose it is; a parameter's default is still "hardcoded".
    if (ruleId === "W9002" && message.includes("SubscriptionRoleArn")) continue;
    console.log(`${path}: ${severity} ${ruleId} ${resourceId ?? ""}: ${message}`);
    found += 1;
  }
}
engine.free();
console.log(`${process.argv.length - 2} templates, ${found} findings`);
process.exit(found ? 1 : 0);
