// Reads an AsyncAPI document as an outsider would, and says what the official parser made of it.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const source = process.argv[2];
const { document, diagnostics } = await new Parser().parse(readFileSync(source, "utf8"), { source });
const channels = {};
for (const channel of document?.channels().all() ?? []) {
  channels[channel.address()] = {
    bindings: channel.bindings().all().map((binding) => [binding.protocol(), binding.value()]),
    messages: channel.messages().all().map((message) => message.name()),
    keys: channel.messages().all().map((message) => message.bindings().get("kafka")?.value()?.key?.type ?? null),
  };
}
const problems = diagnostics.map(({ severity, message, path }) => ({ severity, message, path: path.join("/") }));
const servers = (document?.servers().all() ?? []).map((server) => server.protocol());
console.log(JSON.stringify({ version: document?.version() ?? null, servers, channels, problems }));
