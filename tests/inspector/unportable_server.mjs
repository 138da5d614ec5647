// A server whose one tool has every fault that `--strict` is there to find: the Inspector's negative control.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.argv[2]}/`));
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { Server } = await load("server/index.js");
const { StdioServerTransport } = await load("server/stdio.js");
const { ListToolsRequestSchema } = await load("types.js");

const properties = { id: { type: ["string", "null"], format: "uint8", default: null }, other: { $ref: "#/$defs/other" } };
const inputSchema = { type: "object", properties, $defs: { other: { type: "string" } }, anyOf: [{ required: ["id"] }] };
const server = new Server({ name: "unportable", version: "0.0.0" }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [{ name: "get_x", inputSchema }] }));
await server.connect(new StdioServerTransport());
