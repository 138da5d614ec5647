// A server whose one skill has another digest than it says: the negative control of `skills/list --verify`.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.argv[2]}/`));
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { Server } = await load("server/index.js");
const { StdioServerTransport } = await load("server/stdio.js");

const text = "---\nname: make-tea\ndescription: Makes tea.\n---\nBoil water.\n";
const uri = "skill://make-tea/SKILL.md";
const digest = `sha256:${"0".repeat(64)}`;
const skill = { uri, frontmatter: { name: "make-tea", description: "Makes tea." }, resources: [{ uri, digest, size: text.length }] };
const answers = {
  "skills/list": { skills: [skill] },
  "skills/get": { skill },
  "resources/list": { resources: [{ uri, name: "make-tea", description: "Makes tea.", mimeType: "text/markdown" }] },
  "resources/read": { contents: [{ uri, mimeType: "text/markdown", text }] },
};
const extensions = { "io.modelcontextprotocol/skills": {} };
const server = new Server({ name: "lying", version: "0.0.0" }, { capabilities: { resources: {}, extensions } });
server.fallbackRequestHandler = async ({ method }) => answers[method] ?? {};
await server.connect(new StdioServerTransport());
